"""How long the API takes to show a status and a list, against a function that returns a constant.

The requests that are compared go out in turn, so that whatever else the machine does hits them
alike. The list is shown while its owner has 10, 100, 1,000 and 10,000 executions, put straight into
the table; what the function asks of DynamoDB for it is recorded on its way.
"""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console

from bench.bare_function import deploy_bare_function
from bench.fault_proxy import AwsCall, through_fault_proxy
from handlers.contract.ids import new_execution_id
from handlers.contract.table_keys import EXECUTION_SK
from localcloud.cluster.cloud import Cloud
from localcloud.cluster.state import CloudState
from localcloud.cluster.steps import Steps
from localcloud.cluster.users import DEMO_USER, OTHER_USER, id_token
from localcloud.database.mandala import place_goal
from localcloud.goals.goal_file import read_goal
from localcloud.run.api_client import ApiClient
from localcloud.run.calls import Started, set_model, start_activity
from localcloud.run.http_calls import exchange
from localcloud.run.options import DEFAULT_GOAL
from localcloud.run.watch import Watch

SIZES = (10, 100, 1_000, 10_000)
ROUNDS = 60
_WARM_UP_ROUNDS = 10
_ITEMS_A_BATCH = 25
_WIDTH = 66

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


def measure_latency(console: Console) -> list[str]:
    """MetricStat, and say the ratios, a line each."""
    with tempfile.TemporaryDirectory(prefix="goal-mandala-bench-") as folder:
        cloud = Cloud(Path(folder) / "cloud")
        steps = Steps(console)
        try:
            state, _ = cloud.up(steps)
            with steps.step("Run a goal of 64 actions, to be shown"):
                shown = _run(state)
            bare_url = deploy_bare_function(state)
            with steps.step(f"Ask {ROUNDS} times for its status and a list"):
                medians = _compare(_requests(state, bare_url, shown), ROUNDS)
            lists: list[ListAtSize] = []
            with through_fault_proxy(state, "workflow-status", "DYNAMODB") as fault_proxy:
                for size in SIZES:
                    with steps.step(f"Ask {ROUNDS} times for a list of {size:,} executions"):
                        _fill(state, shown, size - (lists[-1].size if lists else 0))
                        pages = _requests(state, bare_url, shown, OTHER_USER)
                        del pages[STATUS]
                        _compare(pages, _WARM_UP_ROUNDS)
                        fault_proxy.calls.clear()
                        seconds = _compare(pages, ROUNDS)
                        calls = tuple(fault_proxy.calls)
                        lists.append(ListAtSize(size, seconds[LIST], seconds[BARE], calls))
        finally:
            cloud.down(steps)
    return [*report_latency(medians), *report_lists(lists)]


def report_latency(medians: Seconds) -> list[str]:
    """How many times a bare function's time an answer takes."""
    bare = medians[BARE]
    return [
        f"{f'{name} / a function that returns a constant':<{_WIDTH}}{medians[key] / bare:.2f}"
        for name, key in (("status of 64 actions", STATUS), ("list", LIST))
    ]


def report_lists(lists: Sequence[ListAtSize]) -> list[str]:
    """How a page changes from the first size to the last, and what DynamoDB was asked for."""
    first, last = lists[0], lists[-1]
    sizes = f"{last.size:,} executions / {first.size:,}"
    whole = [each.seconds / each.bare_seconds for each in (first, last)]
    own = [(each.seconds - each.dynamodb_seconds) / each.bare_seconds for each in (first, last)]
    lines = [
        f"{f'list: {sizes}':<{_WIDTH}}{whole[1] / whole[0]:.2f}",
        f"{f'list without the time that DynamoDB took: {sizes}':<{_WIDTH}}{own[1] / own[0]:.2f}",
    ]
    for each in lists:
        operations = Counter(call.operation for call in each.calls)
        asked = ", ".join(f"{count} {name}" for name, count in operations.items())
        lines.append(
            f"{each.size:>6,} executions: {asked} for {ROUNDS} pages, "
            f"at most {each.items_read} items read by one"
        )
    return lines


def _run(state: CloudState) -> Started:
    with psycopg.connect(state.database_url, autocommit=True) as connection:
        goal = place_goal(connection, state.users[DEMO_USER].id, read_goal(DEFAULT_GOAL))
    set_model(state.model_server_url, {"latency_seconds": 0})
    started = start_activity(state.api_url, id_token(state, DEMO_USER), goal.goal_id)
    Watch(state, started).until_it_ends(lambda _snapshot: None)
    return started


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
