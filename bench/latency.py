"""How long the API takes to show a status and a list, against a function that returns a constant.

The requests that are compared go out in turn, so that whatever else the machine does hits them
alike. The list is shown while its owner has 10, 100, 1,000 and 10,000 executions, put straight into
the table; what the function asks of DynamoDB for it is recorded on its way.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.bare_function import deploy_bare_function
from bench.clouds import GetCloud, start_goal, wait_for_end
from bench.fault_proxy import AwsCall, through_fault_proxy
from bench.figures import Figure, Section, Table
from handlers.contract.ids import new_execution_id
from handlers.contract.table_keys import EXECUTION_SK
from localcloud.cluster.state import CloudState
from localcloud.cluster.users import DEMO_USER, OTHER_USER, id_token
from localcloud.run.api_client import ApiClient
from localcloud.run.calls import Started
from localcloud.run.http_calls import exchange

SIZES = (10, 100, 1_000, 10_000)
PARTS = 4
"""Of a measurement: each has its own medians, so that their spread is seen."""
_WARM_UP_ROUNDS = 10
_ITEMS_A_BATCH = 25

BARE, STATUS, LIST = "bare", "status", "list"
Seconds = Mapping[str, float]


@dataclass(frozen=True)
class ListAtSize:
    """A page of a list whose owner has `size` executions.

    seconds, bare_seconds: medians of the page and of the bare function.
    calls: what the function asked of DynamoDB, all pages of the measurement together.
    """

    size: int
    seconds: float
    bare_seconds: float
    calls: Sequence[AwsCall]

    @property
    def dynamodb_seconds(self) -> float:
        """DynamoDB's share of a page, which here is the emulator's."""
        return statistics.median(call.seconds for call in self.calls)

    @property
    def items_read(self) -> int:
        """Items that one call reads at most."""
        return max(call.answer.get("ScannedCount", 0) for call in self.calls)


def measure_latency(cloud: GetCloud, *, rounds: int) -> Section:
    """Ask in turn, and report the ratios."""
    state, steps = cloud()
    with steps.step("Run a goal of 64 actions, to be shown"):
        shown = start_goal(state, {"latency_seconds": 0})
        wait_for_end(state, shown)
    bare_url = deploy_bare_function(state)
    with steps.step(f"Ask {rounds} times for its status and a list"):
        requests = _requests(state, bare_url, shown)
        _compare(requests, _WARM_UP_ROUNDS)
        parts = [_compare(requests, rounds // PARTS) for _ in range(PARTS)]
    lists: list[ListAtSize] = []
    with through_fault_proxy(state, "workflow-status", "DYNAMODB") as fault_proxy:
        for size in SIZES:
            with steps.step(f"Ask {rounds} times for a list of {size:,} executions"):
                _fill(state, shown, size - (lists[-1].size if lists else 0))
                pages = _requests(state, bare_url, shown, OTHER_USER)
                del pages[STATUS]
                _compare(pages, _WARM_UP_ROUNDS)
                fault_proxy.calls.clear()
                seconds = _compare(pages, rounds)
                calls = tuple(fault_proxy.calls)
                lists.append(ListAtSize(size, seconds[LIST], seconds[BARE], calls))
    return Section(
        "lists",
        "Status and lists of the API",
        "Each is asked in turn with a function that returns a constant, behind the same "
        "authorizer. The emulator evaluates a Query's condition on every item of the partition "
        "before it applies "
        "`Limit`, so that its time grows with the list; DynamoDB reads at most `Limit` items. Ours "
        "must be flat: the function's own time, one Query a page, 21 items at most, never a Scan.",
        [*report_latency(parts), *report_lists(lists)],
        [report_calls(lists, rounds)],
    )


def report_latency(parts: Sequence[Seconds]) -> list[Figure]:
    """How many times a bare function's time an answer takes, in each part of the measurement."""
    return [
        Figure(
            f"{name} / a function that returns a constant",
            [medians[key] / medians[BARE] for medians in parts],
            goal,
        )
        for name, key, goal in (("status of 64 actions", STATUS, 1.3), ("list", LIST, None))
    ]


def report_lists(lists: Sequence[ListAtSize]) -> list[Figure]:
    """How a page changes from the first size to the last."""
    first, last = lists[0], lists[-1]
    sizes = f"{last.size:,} executions / {first.size:,}"
    whole = [each.seconds / each.bare_seconds for each in (first, last)]
    own = [(each.seconds - each.dynamodb_seconds) / each.bare_seconds for each in (first, last)]
    return [
        Figure(f"list: {sizes}", [whole[1] / whole[0]]),
        Figure(f"list less DynamoDB's time: {sizes}", [own[1] / own[0]], 1.05),
    ]


def report_calls(lists: Sequence[ListAtSize], rounds: int) -> Table:
    """What DynamoDB was asked for."""
    rows: list[list[str]] = []
    for each in lists:
        operations = Counter(call.operation for call in each.calls)
        asked = ", ".join(f"{count} {name}" for name, count in operations.items())
        rows.append([f"{each.size:,}", asked, str(each.items_read)])
    headings = ["executions", f"requests for {rounds} pages", "items read by one, at most"]
    return Table("Requests of DynamoDB for a list", headings, rows)


def _requests(
    state: CloudState, bare_url: str, shown: Started, lister: str = DEMO_USER
) -> dict[str, Callable[[], object]]:
    owner = ApiClient(state.api_url, id_token(state, DEMO_USER))
    lists = ApiClient(state.api_url, id_token(state, lister))
    return {
        BARE: lambda: exchange("GET", bare_url, token=owner.token),
        STATUS: lambda: owner.status(shown.execution_id),
        LIST: lambda: lists.executions(limit="20"),
    }


def _compare(requests: Mapping[str, Callable[[], object]], rounds: int) -> Seconds:
    """The median seconds of each request, all of them sent in turn."""
    taken: dict[str, list[float]] = {name: [] for name in requests}
    for _ in range(rounds):
        for name, request in requests.items():
            began = time.perf_counter()
            request()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _fill(state: CloudState, shown: Started, count: int) -> None:
    """Copies of a record, each another execution of the other user's, straight into the table."""
    table = state.client("dynamodb")
    key = {"pk": {"S": shown.execution_id}, "sk": {"S": EXECUTION_SK}}
    record = table.get_item(TableName=state.table_name, Key=key)["Item"]
    record["userId"] = {"S": state.users[OTHER_USER].id}
    items = [{**record, "pk": {"S": new_execution_id()}} for _ in range(count)]
    for start in range(0, count, _ITEMS_A_BATCH):
        batch = [{"PutRequest": {"Item": item}} for item in items[start : start + _ITEMS_A_BATCH]]
        table.batch_write_item(RequestItems={state.table_name: batch})
