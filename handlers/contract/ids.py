"""Ids: an execution's holds its time, a task's is computed from execution, action and index."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID, uuid5

_TASKS = UUID("5b0f7d53-6a0c-5d0e-9a86-3f5b6f0c9d11")
"""Namespace of the tasks' ids. With another one a repeated save would insert tasks twice."""

_RANDOM_A_BITS, _RANDOM_B_BITS, _TOKEN_BITS = 12, 62, 48


def new_execution_id() -> str:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then randomness; it sorts by time."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(_RANDOM_A_BITS) << 64
    value |= 0b10 << 62 | secrets.randbits(_RANDOM_B_BITS)
    return str(UUID(int=value))


def request_token() -> str:
    """12 characters that no other request has: by them one that arrives twice is known."""
    return f"{secrets.randbits(_TOKEN_BITS):012x}"


def first_id_at(at: datetime) -> str:
    """The least id of this moment: every execution begun before it has a smaller one."""
    return str(UUID(int=int(at.timestamp() * 1000) << 80))


def started_at(execution_id: str) -> datetime:
    """When the execution's id was made; UTC, to the millisecond."""
    return datetime.fromtimestamp((UUID(execution_id).int >> 80) / 1000, UTC)


def task_id(execution_id: str, action_id: str, index: int) -> UUID:
    """The UUIDv5 of an action's index-th task in an execution; the same each time it is saved."""
    return uuid5(_TASKS, f"{execution_id}/{action_id}/{index}")
