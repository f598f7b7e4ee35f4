"""A fault strikes at the call that its plan names, once, and what it does is done to that call."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from chaos.parts.cells import Cell, Fault, Service, Step
from chaos.parts.injector import FaultInjector
from chaos.parts.plan import PlannedFault
from chaos.parts.wire.calls import Call, CutError, ThrottledError

EXECUTION = "01900000-0000-7000-8000-000000000001"


@dataclass
class RecordedHands:
    """Hands that only note what they are asked for."""

    done: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    is_known: bool = True
    can: bool = True

    def kill_worker(self, pid: int | None) -> bool:
        self.done.append(("kill", pid))
        return True

    def kill_server(self, fault: Fault, seconds: float) -> None:
        self.done.append((fault, seconds))

    def freeze_backend(self, port: int, seconds: float) -> None:
        self.done.append(("freeze", port, seconds))

    def fill_disk(self, seconds: float) -> None:
        self.done.append(("fill", seconds))

    def throttle_function(self, function: str, seconds: float) -> None:
        self.done.append((function, seconds))

    def can_interfere(self, fault: Fault, execution_id: str) -> bool:
        return self.is_known

    def interfere(self, fault: Fault, execution_id: str) -> bool:
        self.done.append((fault, execution_id))
        return self.can


def call(step: Step = Step.SAVE, service: Service = Service.TABLE, named: bool = True) -> Call:
    made = Call(step, service, lambda: 77)
    made.execution_id = EXECUTION if named else None
    made.backend_port = 5
    return made


def planned(
    fault: Fault, step: Step = Step.SAVE, service: Service = Service.TABLE, number: int = 1
) -> PlannedFault:
    return PlannedFault(Cell(fault, step), service, number, 9.0)


@pytest.fixture
def hands() -> RecordedHands:
    return RecordedHands()


@pytest.fixture
def injector(hands: RecordedHands) -> FaultInjector:
    return FaultInjector(hands)


def outcome(injector: FaultInjector, made: Call) -> str:
    try:
        injector.before(made)
    except CutError:
        return "cut"
    except ThrottledError:
        return "throttled"
    return "answered" if injector.after(made) else "lost"


def test_a_fault_strikes_at_its_call_and_at_no_other(injector: FaultInjector) -> None:
    injector.begin(3, [planned(Fault.LOST_ANSWER, number=2)])

    assert outcome(injector, call(Step.FINISH)) == "answered"
    assert outcome(injector, call(service=Service.DATABASE)) == "answered"
    assert outcome(injector, call()) == "answered"
    assert injector.pending()
    assert outcome(injector, call()) == "lost"
    assert outcome(injector, call()) == "answered"
    (strike,) = injector.strikes
    assert (strike.seed, strike.cell) == (3, Cell(Fault.LOST_ANSWER, Step.SAVE))
    assert strike.execution_id == EXECUTION


def test_a_worker_is_killed_before_its_call_arrives(
    injector: FaultInjector, hands: RecordedHands
) -> None:
    injector.begin(1, [planned(Fault.KILL_BEFORE)])

    assert outcome(injector, call()) == "cut"
    assert hands.done == [("kill", 77)]


def test_a_worker_is_killed_once_its_call_has_its_effect(
    injector: FaultInjector, hands: RecordedHands
) -> None:
    injector.begin(1, [planned(Fault.KILL_AFTER)])
    made = call()

    injector.before(made)
    assert hands.done == []
    assert not injector.after(made)
    assert hands.done == [("kill", 77)]


LASTING: dict[Fault, tuple[Service, str]] = {
    Fault.TABLE_CUT: (Service.TABLE, "cut"),
    Fault.TABLE_THROTTLED: (Service.TABLE, "throttled"),
    Fault.DATABASE_CUT: (Service.DATABASE, "cut"),
    Fault.MODEL_CUT: (Service.MODEL, "cut"),
    Fault.MODEL_THROTTLED: (Service.MODEL, "throttled"),
}


@pytest.mark.parametrize(("fault", "service", "expected"), [(f, *x) for f, x in LASTING.items()])
def test_what_lasts_applies_to_every_function_and_to_that_service_alone(
    injector: FaultInjector, fault: Fault, service: Service, expected: str
) -> None:
    injector.begin(1, [planned(fault, service=service)])

    assert outcome(injector, call(service=service)) == expected
    assert outcome(injector, call(Step.FINISH, service)) == expected
    others = {Service.TABLE, Service.DATABASE, Service.MODEL} - {service}
    assert {outcome(injector, call(service=each)) for each in others} == {"answered"}
    assert injector.connects(Service.DATABASE) is (fault is not Fault.DATABASE_CUT)


DEEDS: dict[Fault, Callable[[float], tuple[object, ...]]] = {
    Fault.EMULATOR_KILLED: lambda s: (Fault.EMULATOR_KILLED, s),
    Fault.POSTGRESQL_KILLED: lambda s: (Fault.POSTGRESQL_KILLED, s),
    Fault.DATABASE_HANGS: lambda s: ("freeze", 5, s),
    Fault.DISK_FULL: lambda s: ("fill", s),
    Fault.FUNCTION_THROTTLED: lambda s: ("workflow-save-batch", s),
}


@pytest.mark.parametrize("fault", DEEDS)
def test_the_hands_do_what_is_done_to_the_cloud(
    injector: FaultInjector, hands: RecordedHands, fault: Fault
) -> None:
    injector.begin(1, [planned(fault)])

    assert outcome(injector, call()) == "answered"
    assert hands.done == [DEEDS[fault](9.0)]


def test_a_person_acts_on_the_execution_of_the_call(
    injector: FaultInjector, hands: RecordedHands
) -> None:
    injector.begin(1, [planned(Fault.CANCELLED)])

    assert outcome(injector, call(named=False)) == "answered"
    assert hands.done == []
    assert outcome(injector, call()) == "answered"
    assert hands.done == [(Fault.CANCELLED, EXECUTION)]


def test_a_person_waits_for_a_call_of_an_execution_that_will_do(
    injector: FaultInjector, hands: RecordedHands
) -> None:
    injector.begin(1, [planned(Fault.RETRY_OF_OLD)])
    hands.is_known = False

    outcome(injector, call())
    assert hands.done == []
    hands.is_known = True
    outcome(injector, call())
    assert hands.done == [(Fault.RETRY_OF_OLD, EXECUTION)]


def test_what_a_person_could_not_do_has_not_struck(
    injector: FaultInjector, hands: RecordedHands
) -> None:
    injector.begin(1, [planned(Fault.USER_STARTS_TASK)])
    hands.can = False

    outcome(injector, call())
    assert hands.done == [(Fault.USER_STARTS_TASK, EXECUTION)]
    assert injector.strikes == []


def test_the_gateway_refuses_the_request_that_the_plan_names(injector: FaultInjector) -> None:
    injector.begin(1, [planned(Fault.GATEWAY_429, Step.START, Service.OTHER, number=2)])

    answers = [injector.gateway_refuses(Step.START) for _ in range(3)]
    assert answers == [False, True, False]


def test_a_new_seed_ends_the_faults_of_the_last_one(injector: FaultInjector) -> None:
    injector.begin(1, [planned(Fault.LOST_ANSWER)])
    injector.begin(2, [])

    assert outcome(injector, call()) == "answered"
