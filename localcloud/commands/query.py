"""`query`: runs a saved query on the cloud's logs, as an operator does on AWS."""

from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from components.monitoring.saved_queries import EXECUTION_ID
from localcloud.cluster.state import CloudState
from localcloud.errors import LocalCloudError

_MAX_ROWS = 200


def print_query(state: CloudState, console: Console, name: str, execution: str | None) -> None:
    """Print the result of a saved query. Raises LocalCloudError, with the names of the queries.

    execution: the execution's id, for a query about one execution.
    """
    logs = state.client("logs")
    definitions = logs.describe_query_definitions()["queryDefinitions"]
    known = {each["name"].rpartition("/")[2]: each for each in definitions}
    if name not in known:
        names = ", ".join(sorted(known))
        raise LocalCloudError(f"There is no saved query {name}; the saved queries are {names}.")
    text: str = known[name]["queryString"]
    if EXECUTION_ID in text:
        if execution is None:
            raise LocalCloudError(f"{name} is about one execution: give its id with --execution ID")
        text = text.replace(EXECUTION_ID, execution)
    query_id = logs.start_query(
        logGroupNames=known[name]["logGroupNames"],
        startTime=0,
        endTime=int(datetime.now(UTC).timestamp()) + 1,
        queryString=text,
    )["queryId"]
    answer = logs.get_query_results(queryId=query_id)
    rows: list[list[dict[str, str]]] = answer["results"]
    console.print(_table(rows) if rows else "Nothing.")


def _table(results: list[list[dict[str, str]]]) -> Table:
    rows = [{cell["field"]: cell["value"] for cell in row} for row in results[:_MAX_ROWS]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(row.get(name, "") for name in names))
    return table
