"""A table of the routes' status codes, by caller, for the test report."""

from collections.abc import Callable, Sequence

from localcloud.run.http_calls import HttpResponse
from tests.workflow.api import PROTECTED

RouteReport = Callable[[str, Sequence[HttpResponse]], None]
Report = Callable[[str], None]

ROUTES_ANSWER = "HTTP API: what they answer, " + ", ".join(route.key for route in PROTECTED)
"""The title of the table, with its columns."""

_WIDTH = 30


def row(who: str, replies: Sequence[HttpResponse]) -> str:
    """A line of the table."""
    return f"{who:{_WIDTH}} {'  '.join(str(reply.status) for reply in replies)}"
