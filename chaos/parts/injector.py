"""Strikes with the faults of a plan at the calls that it names."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from chaos.parts.cells import FUNCTION_OF, PEOPLE, Cell, Fault, Service, Step
from chaos.parts.plan import PlannedFault
from chaos.parts.wire.calls import Call, CutError, ThrottledError


class Hands(Protocol):
    """Does to the cloud what a fault is; none waits for the end of it."""

    def kill_worker(self, pid: int | None) -> bool:
        """Kill a function's process; False if it had gone."""
        ...

    def kill_server(self, fault: Fault, seconds: float) -> None:
        """Kill a server, and start it again some seconds later."""
        ...

    def freeze_backend(self, port: int, seconds: float) -> None:
        """Stop the process of PostgreSQL that serves the connection of a port."""
        ...

    def fill_disk(self, seconds: float) -> None:
        """Leave the database no byte of its disk."""
        ...

    def throttle_function(self, function: str, seconds: float) -> None:
        """Leave a function no concurrency."""
        ...

    def can_interfere(self, fault: Fault, execution_id: str) -> bool:
        """Whether it is known whose the execution is, and it is one that the fault needs."""
        ...

    def interfere(self, fault: Fault, execution_id: str) -> bool:
        """Do what a person or an event does to an execution; False if it cannot be done now."""
        ...


@dataclass(frozen=True)
class Strike:
    """A fault that has struck; `at` in Unix seconds, with the execution if the call named one."""

    seed: int
    cell: Cell
    at: float
    execution_id: str | None = None


@dataclass
class FaultInjector:
    """The faults to come, those that last, and those that have struck."""

    hands: Hands
    strikes: list[Strike] = field(default_factory=list[Strike])
    seed: int = 0
    _pending: list[PlannedFault] = field(default_factory=list[PlannedFault])
    _calls: Counter[tuple[Step, Service]] = field(default_factory=Counter[tuple[Step, Service]])
    _until: dict[Fault, float] = field(default_factory=dict[Fault, float])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, seed: int, faults: Iterable[PlannedFault]) -> None:
        """From now on, these faults, and none of an earlier seed that has not struck yet."""
        with self._lock:
            self.seed, self._pending = seed, list(faults)
            self._calls.clear()

    def pending(self) -> list[PlannedFault]:
        """The faults that have not struck."""
        with self._lock:
            return list(self._pending)

    def connects(self, service: Service) -> bool:
        """Whether a new connection to the service is possible."""
        return not (service is Service.DATABASE and self._lasts(Fault.DATABASE_CUT))

    def gateway_refuses(self, step: Step) -> bool:
        """Whether the gateway answers a client's request itself, with 429."""
        return self._next(Call(step, Service.OTHER, lambda: None), people=False) is not None

    def before(self, call: Call) -> None:
        """Strike if a fault is due; then what lasts applies. Raises CutError, ThrottledError."""
        if call.service is not Service.OTHER and (fault := self._next(call)):
            self._strike(fault, call)
        self._apply_lasting(call)

    def after(self, call: Call) -> bool:
        """Whether the answer arrives."""
        if call.is_last:
            self.hands.kill_worker(call.pid())
        return not (call.is_last or call.is_lost)

    def _next(self, call: Call, *, people: bool = True) -> PlannedFault | None:
        with self._lock:
            self._calls[call.step, call.service] += 1
            count = self._calls[call.step, call.service]
            due = [
                each
                for each in self._pending
                if (each.cell.step, each.service) == (call.step, call.service)
                and each.number <= count
            ]
        fault = next((each for each in due if not people or self._suits(each, call)), None)
        if fault is None:
            return None
        with self._lock:
            if fault not in self._pending:
                return None
            self._pending.remove(fault)
            self.strikes.append(Strike(self.seed, fault.cell, time.time(), call.execution_id))
        return fault

    def _suits(self, fault: PlannedFault, call: Call) -> bool:
        kind = fault.cell.fault
        if kind not in PEOPLE:
            return True
        return bool(call.execution_id) and self.hands.can_interfere(kind, call.execution_id)

    def _strike(self, planned: PlannedFault, call: Call) -> None:
        fault, seconds = planned.cell.fault, planned.seconds
        match fault:
            case Fault.KILL_BEFORE:
                self.hands.kill_worker(call.pid())
                raise CutError
            case Fault.KILL_AFTER:
                call.is_last = True
            case Fault.LOST_ANSWER:
                call.is_lost = True
            case Fault.EMULATOR_KILLED | Fault.POSTGRESQL_KILLED:
                self.hands.kill_server(fault, seconds)
            case Fault.DATABASE_HANGS:
                self.hands.freeze_backend(call.backend_port, seconds)
            case Fault.DISK_FULL:
                self.hands.fill_disk(seconds)
            case Fault.FUNCTION_THROTTLED:
                self.hands.throttle_function(FUNCTION_OF[planned.cell.step], seconds)
            case _ if fault in PEOPLE:
                self._interfere(fault, call.execution_id or "", seconds)
            case _:
                with self._lock:
                    self._until[fault] = time.monotonic() + seconds

    def _interfere(self, fault: Fault, execution_id: str, seconds: float) -> None:
        def act() -> None:
            if not self.hands.interfere(fault, execution_id):
                with self._lock:
                    self.strikes = [
                        each
                        for each in self.strikes
                        if (each.cell.fault, each.execution_id) != (fault, execution_id)
                    ]

        # the call waits for a while, so that the two meet; not for the end, which may need the call
        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        thread.join(seconds)

    def _lasts(self, fault: Fault) -> bool:
        return self._until.get(fault, 0.0) > time.monotonic()

    def _apply_lasting(self, call: Call) -> None:
        match call.service:
            case Service.TABLE:
                cut, throttled, slow = Fault.TABLE_CUT, Fault.TABLE_THROTTLED, None
            case Service.MODEL:
                cut, throttled, slow = Fault.MODEL_CUT, Fault.MODEL_THROTTLED, Fault.MODEL_SLOW
            case Service.DATABASE:
                cut, throttled, slow = Fault.DATABASE_CUT, None, Fault.DATABASE_SLOW
            case _:
                return
        if self._lasts(cut):
            raise CutError
        if throttled and self._lasts(throttled):
            raise ThrottledError
        if slow and self._lasts(slow):
            time.sleep(_SLOW_SECONDS[slow])


_SLOW_SECONDS = {Fault.MODEL_SLOW: 1.5, Fault.DATABASE_SLOW: 0.25}
"""How much later a call arrives."""
