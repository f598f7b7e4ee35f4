"""Where to look further: pages of AWS's console. Whatever goes into a URL is percent-encoded."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

_STORY_OF_ONE = "\n".join(
    (
        "fields @timestamp, @log, coalesce(message, type) as event, errorCode, level",
        '| filter @message like "{execution_id}"',
        "| sort @timestamp asc",
        "| limit 1000",
    )
)
_WHAT_FAILS = "\n".join(
    (
        "fields @timestamp, @log, coalesce(message, type) as event, errorCode, executionId, level",
        '| filter level in ["ERROR", "WARNING"] or type like /Failed|TimedOut|Aborted/',
        "| sort @timestamp desc",
        "| limit 1000",
    )
)


def execution(arn: str) -> str:
    """One execution's graph and events."""
    region = arn.split(":")[3]
    return f"{_console(region, 'states')}#/v2/executions/details/{quote(arn, safe=':')}"


def alarm(arn: str) -> str:
    """One alarm and its history."""
    region, name = arn.split(":", 6)[3], arn.partition(":alarm:")[2]
    return (
        f"{_console(region, 'cloudwatch')}#alarmsV2:alarm/{quote(name, safe='', errors='replace')}"
    )


def story_of(
    execution_id: str, region: str, groups: Sequence[str], start: datetime, end: datetime
) -> str:
    """Logs Insights over all that was logged of one execution."""
    query = _STORY_OF_ONE.format(execution_id=execution_id)
    return logs_insights(query, region, groups, start, end)


def what_fails(region: str, groups: Sequence[str], start: datetime, end: datetime) -> str:
    """Logs Insights over errors and failed states."""
    return logs_insights(_WHAT_FAILS, region, groups, start, end)


def logs_insights(
    query: str, region: str, groups: Sequence[str], start: datetime, end: datetime
) -> str:
    """Logs Insights with a query filled in.

    The console keeps its own notation behind `queryDetail`: `~(name~'text~...)`, texts with `*xx`
    for what is not a letter or digit; all of it encoded twice, with `$` for the outer `%`.
    """
    sources = "".join(f"~'{_written(group)}" for group in groups)
    detail = [
        f"end~'{_written(_time(end))}",
        f"start~'{_written(_time(start))}",
        "timeType~'ABSOLUTE",
        "tz~'UTC",
        f"editorString~'{_written(query)}",
        f"source~({sources})",
    ]
    encoded = quote(quote(f"~({'~'.join(detail)})", safe="*.-").replace("~", "%7E"), safe="*")
    inner = encoded.replace("%", "$")
    return f"{_console(region, 'cloudwatch')}#logsV2:logs-insights$3FqueryDetail$3D{inner}"


def _console(region: str, service: str) -> str:
    region = quote(region, safe="")
    return f"https://{region}.console.aws.amazon.com/{service}/home?region={region}"


def _written(text: str) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "-._") else _starred(each)
        for each in text
    )


def _starred(character: str) -> str:
    return "".join(f"*{byte:02x}" for byte in character.encode())


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
