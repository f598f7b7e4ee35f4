"""The parts that executions share, in memory: Bedrock's quota, and the queue for turns."""

from bisect import bisect_left, bisect_right, insort

from handlers.storage.turn_budget import Budget
from handlers.storage.turns import READ_ITEMS, Queue, Ticket


class Bedrock:
    """A quota of tokens a minute as a bucket that is full at first and fills all the time."""

    def __init__(self, tokens_per_minute: int) -> None:
        self._size = self._left = float(tokens_per_minute)
        self._seen = 0.0
        self.calls = self.throttled = 0

    def start(self, tokens: int, now: float) -> bool:
        """Take input and maxTokens; False if the call is throttled."""
        self._left = min(self._size, self._left + (now - self._seen) * self._size / 60)
        self._seen = now
        self.calls += 1
        if tokens > self._left:
            self.throttled += 1
            return False
        self._left -= tokens
        return True

    def end(self, unused: int) -> None:
        """Give back what the answer did not use."""
        self._left = min(self._size, self._left + unused)


class SimulatedTurns:
    """What `handlers.storage.turns.Turns` is, without a table. requests: made of the table."""

    def __init__(self) -> None:
        self._budget = Budget()
        self._keys: list[str] = []
        self._tickets: dict[str, Ticket] = {}
        self._next: dict[str, float] = {}
        self.requests = 0

    def read(self, key: str | None = None) -> Queue:
        """As the ticket sees it."""
        self.requests += 1
        end = bisect_right(self._keys, key) if key else len(self._keys)
        first = end - READ_ITEMS
        keys = self._keys[max(first, 0) : end]
        tickets = [self._tickets[each] for each in keys]
        mine = tickets.pop() if keys and keys[-1] == key else None
        return Queue(self._budget if first < 0 else None, mine, tickets)

    def budget(self) -> Budget:
        """The budget."""
        self.requests += 1
        return self._budget

    def pay(self, seen: Budget, paid_until: float, execution_id: str) -> bool:  # noqa: ARG002
        """Always: nobody else acts in the same moment of virtual time."""
        self.requests += 1
        self._budget = Budget(paid_until, seen.share, seen.cut_at)
        return True

    def note_throttling(self, now: float) -> None:
        """As in the table."""
        self.requests += 1
        if after := self._budget.cut(now):
            self.requests += 1
            self._budget = after

    def line_up(self, user_id: str, execution_id: str, now: float, spacing: float) -> str:
        """The key of a new ticket."""
        self.requests += 1 + (self._next.get(user_id, 0) <= now)
        time = max(self._next.get(user_id, 0), now)
        self._next[user_id] = time + spacing
        return f"{round(time * 1000):013d}#{execution_id}"

    def keep(self, ticket: Ticket) -> None:
        """Put it into the queue, or renew it."""
        self.requests += 1
        if ticket.key not in self._tickets:
            insort(self._keys, ticket.key)
        self._tickets[ticket.key] = ticket

    def leave(self, key: str) -> None:
        """Take it out."""
        self.requests += 1
        if key in self._tickets:
            del self._keys[bisect_left(self._keys, key)], self._tickets[key]
