"""What can go wrong (the faults), where (the steps), and which pairs of them can happen at all."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What an execution is doing; each step is one function of the workflow."""

    START = "start"
    PREPARE = "prepare"
    GENERATE = "generate"
    SAVE = "save"
    FINISH = "finish"
    CANCEL = "cancel"
    RECONCILE = "reconcile"


FUNCTION_OF = {
    Step.START: "workflow-start",
    Step.PREPARE: "workflow-prepare",
    Step.GENERATE: "task-generation",
    Step.SAVE: "workflow-save-batch",
    Step.FINISH: "workflow-finish",
    Step.CANCEL: "workflow-cancel",
    Step.RECONCILE: "workflow-reconcile",
}


class Service(StrEnum):
    """What a function calls."""

    TABLE = "table"
    DATABASE = "database"
    MACHINE = "machine"
    MODEL = "model"
    OTHER = "other"


class Fault(StrEnum):
    """What goes wrong, or what somebody does at a bad moment."""

    # deaths
    KILL_BEFORE = "worker killed before its call"
    KILL_AFTER = "worker killed after its call"
    EMULATOR_KILLED = "emulator killed"
    POSTGRESQL_KILLED = "PostgreSQL killed"
    # the network
    LOST_ANSWER = "answer lost"
    TABLE_CUT = "table cut off"
    DATABASE_CUT = "database cut off"
    MODEL_CUT = "model cut off"
    # limits
    TABLE_THROTTLED = "table throttled"
    MODEL_THROTTLED = "model throttled"
    FUNCTION_THROTTLED = "function throttled"
    GATEWAY_429 = "gateway's own 429"
    # slowness
    MODEL_SLOW = "model slow"
    DATABASE_SLOW = "slow I/O of the database"
    DATABASE_HANGS = "database hangs in mid-transaction"
    DISK_FULL = "disk full"
    # people and events
    SECOND_START = "second start"
    CANCELLED = "cancel"
    STOPPED = "stop from the console"
    RETRY_OF_OLD = "retry of an older execution"
    USER_STARTS_TASK = "user starts a task"
    EVENT_AND_SWEEP = "early event and sweep"


@dataclass(frozen=True, order=True)
class Cell:
    """A fault at a step."""

    fault: Fault
    step: Step

    def __str__(self) -> str:
        return f"{self.fault} x {self.step}"


_S = Step
_ALL = tuple(Step)
_RUNNING = (_S.PREPARE, _S.GENERATE, _S.SAVE, _S.FINISH)
_WITH_DATABASE = tuple(step for step in Step if step is not _S.GENERATE)
_STEPS: dict[Fault, tuple[Step, ...]] = {
    Fault.KILL_BEFORE: _ALL,
    Fault.KILL_AFTER: _ALL,
    Fault.EMULATOR_KILLED: _ALL,
    Fault.POSTGRESQL_KILLED: _ALL,
    Fault.LOST_ANSWER: _ALL,
    Fault.TABLE_CUT: _ALL,
    # generation has no connection to the database
    Fault.DATABASE_CUT: _WITH_DATABASE,
    Fault.MODEL_CUT: (_S.GENERATE,),
    Fault.TABLE_THROTTLED: _ALL,
    Fault.MODEL_THROTTLED: (_S.GENERATE,),
    Fault.FUNCTION_THROTTLED: _ALL,
    # the API has two routes that change something; a retry is a start
    Fault.GATEWAY_429: (_S.START, _S.CANCEL),
    Fault.MODEL_SLOW: (_S.GENERATE,),
    Fault.DATABASE_SLOW: _WITH_DATABASE,
    Fault.DATABASE_HANGS: _WITH_DATABASE,
    # the steps that write to the database
    Fault.DISK_FULL: (_S.START, _S.SAVE, _S.FINISH, _S.CANCEL),
    Fault.SECOND_START: _ALL,
    Fault.CANCELLED: _ALL,
    # before it is started and after it has ended there is nothing to stop
    Fault.STOPPED: (*_RUNNING, _S.CANCEL),
    Fault.RETRY_OF_OLD: _RUNNING,
    Fault.USER_STARTS_TASK: _RUNNING,
    Fault.EVENT_AND_SWEEP: _ALL,
}

CELLS = tuple(Cell(fault, step) for fault, steps in _STEPS.items() for step in steps)
"""Every pair that can happen."""

PEOPLE = (
    Fault.SECOND_START,
    Fault.CANCELLED,
    Fault.STOPPED,
    Fault.RETRY_OF_OLD,
    Fault.USER_STARTS_TASK,
    Fault.EVENT_AND_SWEEP,
)
"""Done to the execution whose call it is."""

NEEDS_EARLIER = (Fault.RETRY_OF_OLD, Fault.USER_STARTS_TASK)
"""Only an execution of a goal that has had another one will do."""

KILLS = (
    Fault.KILL_BEFORE,
    Fault.KILL_AFTER,
    Fault.EMULATOR_KILLED,
    Fault.POSTGRESQL_KILLED,
)
