"""The scenarios that are explored: which processes there are, and from which state on."""

from collections.abc import Callable, Sequence

from chaos.protocol.explore import Slot
from chaos.protocol.model import Scenario
from chaos.protocol.processes import Process, Processes
from chaos.protocol.state import (
    ABSENT,
    FAILED,
    GENERATED,
    OPEN,
    SAVED,
    Execution,
    Item,
    Row,
    State,
    with_execution,
)


def _in_stage(number: int, stage: str) -> Callable[[State], bool]:
    def is_there(state: State) -> bool:
        found = state.executions[number]
        return found.machine == "RUNNING" and found.stage == stage

    return is_there


def functions(
    processes: Processes,
    number: int,
    *,
    wanted: Sequence[int],
    prepares: int = 1,
    workers: Sequence[int] = (),
    saves: Sequence[tuple[int, ...]] = (),
    finishes: int = 1,
) -> list[Slot]:
    """The functions that an execution's machine invokes; a repeated one is a retry."""
    slots = list[Slot]()

    def add(name: str, stage: str, program: Callable[[], Process]) -> None:
        slots.append(Slot(f"{name} {number}", program, _in_stage(number, stage)))

    for _ in range(prepares):
        add("prepare", "prepare", lambda: processes.prepare(number, tuple(wanted)))
    for action in workers:
        add("worker", "generate", lambda action=action: processes.worker(number, action))
    for batch in saves:
        add("save", "save", lambda batch=batch: processes.save_batch(number, batch))
    for _ in range(finishes):
        add("finish", "finish", lambda: processes.finish(number))
    return slots


def _nothing(executions: int, actions: int, faults: int = 0) -> State:
    empty = Execution(items=(Item(),) * actions)
    return State(
        row=Row(),
        executions=(empty,) * executions,
        tasks=((),) * actions,
        key=None,
        is_key_shared=False,
        row_locked_by=None,
        timed=frozenset(),
        faults=faults,
        processes=(),
    )


def _running(
    executions: int, items: Sequence[Item], stage: str, phase: str = "GENERATING"
) -> State:
    state = _nothing(executions, len(items))
    wanted = tuple(action for action, item in enumerate(items) if item.status != ABSENT)
    state = with_execution(
        state,
        0,
        record="RUNNING",
        machine="RUNNING",
        stage=stage,
        wanted=wanted,
        items=tuple(items),
    )
    return state._replace(row=Row("PROCESSING", 0, phase, "DRAFT", version=1))


def _again() -> State:
    state = _running(2, [Item(SAVED, 1)], "save")
    first = state.executions[0]
    second = first._replace(items=(Item(GENERATED, 1),))
    first = first._replace(record="SUCCEEDED", saved=1, spent=1, machine="SUCCEEDED")
    row = Row("PROCESSING", 1, "GENERATING", "ACTIVE", version=2)
    return state._replace(row=row, executions=(first, second), tasks=(((0, False),),))


ONE = (0,)
BOTH = (0, 1)


def _starts(processes: Processes, keyed: int = 0, others: Sequence[int] = ()) -> list[Slot]:
    """Starts with one key (each may use two ids), and starts without."""
    slots = [
        Slot(f"start {n}", lambda n=n: processes.start_once(n, n + keyed, ONE))
        for n in range(keyed)
    ]
    return slots + [Slot(f"start {n}", lambda n=n: processes.start(n, ONE)) for n in others]


STARTS = Scenario(
    "two starts, a sweep",
    _nothing(2, 1, faults=1),
    lambda p: [*_starts(p, others=BOTH), Slot("sweep", p.sweep)],
)
ONE_KEY = Scenario(
    "two starts with one key, a sweep",
    _nothing(4, 1, faults=1),
    lambda p: [*_starts(p, keyed=2), Slot("sweep", p.sweep)],
    keyed=(0, 1, 2, 3),
    dies=False,
)
ONE_KEY_AGAIN = Scenario(
    "two starts with the key of a start that was undone",
    with_execution(_nothing(5, 1, faults=1), 4, record="START_FAILED")._replace(key=4),
    lambda p: _starts(p, keyed=2),
    keyed=(0, 1, 2, 3),
    dies=False,
)
ONE_KEY_AND_OTHER = Scenario(
    "two starts with one key, one without, a sweep",
    _nothing(5, 1, faults=1),
    lambda p: [*_starts(p, keyed=2, others=(4,)), Slot("sweep", p.sweep)],
    keyed=(0, 1, 2, 3),
)
CANCEL = Scenario(
    "a cancel while the execution begins",
    _nothing(1, 1),
    lambda p: [
        *_starts(p, others=ONE),
        Slot("cancel", lambda: p.cancel(0)),
        *functions(p, 0, wanted=ONE, prepares=2, workers=ONE),
    ],
    dies=False,
)
WORK = Scenario(
    "a worker twice, a cancel, a finish",
    _running(1, [Item(OPEN)], "generate"),
    lambda p: [
        *functions(p, 0, wanted=ONE, workers=(0, 0)),
        Slot("cancel", lambda: p.cancel(0)),
    ],
    dies=False,
    grace_passes=False,
)
SAVE = Scenario(
    "a save, a cancel, a sweep, a user",
    _running(1, [Item(GENERATED, 1)], "save"),
    lambda p: [
        *functions(p, 0, wanted=ONE, saves=[ONE]),
        Slot("cancel", lambda: p.cancel(0)),
        Slot("sweep", p.sweep),
    ],
    dies=False,
    takes_up=True,
)
SAVES = Scenario(
    "two batches, a cancel, a sweep, a user",
    _running(1, [Item(GENERATED, 1), Item(GENERATED, 1)], "save"),
    lambda p: [
        *functions(p, 0, wanted=BOTH, saves=[(0,), (1,)]),
        Slot("cancel", lambda: p.cancel(0)),
        Slot("sweep", p.sweep),
    ],
    takes_up=True,
)
EVENTS = Scenario(
    "an event twice, of an execution with an action in the making",
    _running(1, [Item(GENERATED, 1), Item(OPEN)], "generate"),
    lambda p: [
        *functions(p, 0, wanted=BOTH, workers=(1,), finishes=0),
        Slot("event", lambda: p.reconcile(0)),
        Slot("event again", lambda: p.reconcile(0)),
    ],
    grace_passes=False,
)
_ENDED = with_execution(
    _running(2, [Item(GENERATED, 1), Item(FAILED)], "save", "SAVING"),
    1,
    items=(Item(), Item()),
)
RETRY = Scenario(
    "a retry while the earlier execution's save and worker are still at work",
    _ENDED,
    lambda p: [
        *functions(p, 0, wanted=BOTH, saves=[ONE]),
        Slot("retry", lambda: p.retry(0, 1)),
        *functions(p, 1, wanted=(1,), workers=(1,), saves=[(1,)]),
    ],
    dies=False,
    grace_passes=False,
    takes_up=True,
)
AGAIN = Scenario(
    "a save over the tasks of an execution before it, a user",
    _again(),
    lambda p: functions(p, 1, wanted=ONE, saves=[ONE]),
    dies=False,
    grace_passes=False,
    takes_up=True,
)
NEXT = Scenario(
    "a start after an execution whose finish, retried, is still at work",
    _running(2, [Item(GENERATED, 1)], "finish", "SAVING"),
    lambda p: [*functions(p, 0, wanted=ONE, finishes=2), *_starts(p, others=(1,))],
    dies=False,
    grace_passes=False,
)
NEXT_TO_CANCEL = Scenario(
    "a start after an execution whose save, cancel and finish are still at work",
    _running(2, [Item(GENERATED, 1)], "save"),
    lambda p: [
        *functions(p, 0, wanted=ONE, saves=[ONE]),
        Slot("cancel", lambda: p.cancel(0)),
        *_starts(p, others=(1,)),
    ],
    dies=False,
    grace_passes=False,
)
SCENARIOS = [
    STARTS,
    ONE_KEY,
    ONE_KEY_AGAIN,
    CANCEL,
    WORK,
    SAVE,
    EVENTS,
    AGAIN,
    NEXT,
    NEXT_TO_CANCEL,
    RETRY,
]
LARGE = [ONE_KEY_AND_OTHER, SAVES]
