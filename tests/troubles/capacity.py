"""What a provisioned table has no capacity for: AWS's rule, since the emulator throttles nothing.

A table or index of N units takes N writes of up to 1 KB a second, after the 300 seconds' worth of
unused capacity that it may save up. Here none is saved up: the table has been busy before.
(DynamoDB Developer Guide: provisioned capacity mode, burst capacity.)
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")


@dataclass
class WriteCapacity:
    """Units that refill over time. units: a second; None for a table on demand."""

    units: float | None
    throttled: int = 0
    clock: Callable[[], float] = time.monotonic
    _left: float = field(default=0.0, init=False)
    _at: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.units or 0.0, self.clock()

    def throttles(self, operation: str, _request: dict[str, Any]) -> bool:
        """Take a unit for a write; whether there is none."""
        if self.units is None or operation not in _WRITES:
            return False
        with self._lock:
            now = self.clock()
            self._left = min(self.units, self._left + (now - self._at) * self.units)
            self._at = now
            if self._left < 1:
                self.throttled += 1
                return True
            self._left -= 1
            return False


def declared_units(table: dict[str, Any]) -> float | None:
    """The write capacity that DescribeTable shows; None on demand."""
    if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
        return None
    return table["ProvisionedThroughput"]["WriteCapacityUnits"] or None
