"""Links to pages of AWS's console. Every part of a URL is percent-encoded."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

_ALL_OF_EXECUTION = "\n".join(
    (
        "fields @timestamp, @log, coalesce(message, type) as event, errorCode, level",
        '| filter @message like "{execution_id}"',
        "| sort @timestamp asc",
        "| limit 1000",
    )
)
_FAILURES = "\n".join(
    (
        "fields @timestamp, @log, coalesce(message, type) as event, errorCode, executionId, level",
        '| filter level in ["ERROR", "WARNING"] or type like /Failed|TimedOut|Aborted/',
        "| sort @timestamp desc",
        "| limit 1000",
    )
)


def execution(arn: str) -> str:
    """The graph and events of an execution."""
    region = arn.split(":")[3]
    return f"{_console(region, 'states')}#/v2/executions/details/{quote(arn, safe=':')}"


def alarm(arn: str) -> str:
    """An alarm and its history."""
    region, name = arn.split(":", 6)[3], arn.partition(":alarm:")[2]
    return (
        f"{_console(region, 'cloudwatch')}#alarmsV2:alarm/{quote(name, safe='', errors='replace')}"
    )


def logs_of(
    execution_id: str, region: str, groups: Sequence[str], start: datetime, end: datetime
) -> str:
    """Logs Insights with every log line of an execution."""
    query = _ALL_OF_EXECUTION.format(execution_id=execution_id)
    return logs_insights(query, region, groups, start, end)


def failures(region: str, groups: Sequence[str], start: datetime, end: datetime) -> str:
    """Logs Insights with errors and failed states."""
    return logs_insights(_FAILURES, region, groups, start, end)


def logs_insights(
    query: str, region: str, groups: Sequence[str], start: datetime, end: datetime
) -> str:
    """Logs Insights with a query filled in.

    `queryDetail` is in the console's own notation, `~(name~'text~...)`. In a text, `*xx` stands for
    a byte that is no letter or digit. All is percent-encoded twice, with `$` for the outer `%`.
    """
    sources = "".join(f"~'{_escaped(group)}" for group in groups)
    detail = [
        f"end~'{_escaped(_time(end))}",
        f"start~'{_escaped(_time(start))}",
        "timeType~'ABSOLUTE",
        "tz~'UTC",
        f"editorString~'{_escaped(query)}",
        f"source~({sources})",
    ]
    encoded = quote(quote(f"~({'~'.join(detail)})", safe="*.-").replace("~", "%7E"), safe="*")
    inner = encoded.replace("%", "$")
    return f"{_console(region, 'cloudwatch')}#logsV2:logs-insights$3FqueryDetail$3D{inner}"


def _console(region: str, service: str) -> str:
    region = quote(region, safe="")
    return f"https://{region}.console.aws.amazon.com/{service}/home?region={region}"


def _escaped(text: str) -> str:
    return "".join(
        each if each.isascii() and (each.isalnum() or each in "-._") else _starred(each)
        for each in text
    )


def _starred(character: str) -> str:
    return "".join(f"*{byte:02x}" for byte in character.encode())


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
