"""`report.md`: the guide's last page, filled in from the evidence, in the guide's order."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components.names import Names
from ops.support.evidence import Evidence, ExecutionEvidence
from ops.trace.wording import plural

_SHOWN_LINES = 20


@dataclass(frozen=True)
class OwnWords:
    """What only the operator knows; "" where the evidence has to do."""

    steps: str = ""
    expected: str = ""
    actual: str = ""


def report(evidence: Evidence, names: Names, words: OwnWords) -> str:
    """The page; its headings are the guide's lines. The evidence is redacted already."""
    return "\n".join(_lines(evidence, names, words)) + "\n"


def _lines(evidence: Evidence, names: Names, words: OwnWords) -> Iterator[str]:
    executions = evidence.executions
    yield f"# サポート / Support: {names.environment}, {names.account}, {names.region}"
    yield "\n## エラーコード / Error codes\n"
    yield from _bullets([f"{code}: {n}" for code, n in _codes(executions).most_common()])
    yield "\n## 実行ARN / Execution ARNs\n"
    yield from _bullets([each.record.execution_arn for each in executions])
    yield "\n## タイムスタンプ / Timestamps\n"
    yield from _bullets(
        [
            f"{each.record.execution_id}: {each.record.started_at} to"
            f" {each.record.stopped_at or 'running'}"
            for each in executions
        ]
    )
    yield f"- logs and alarms: {evidence.first.isoformat()} to {evidence.last.isoformat()}"
    yield "\n## 再現手順 / Steps to reproduce\n"
    yield from _bullets(
        [words.steps]
        if words.steps
        else [
            f"POST /goals/{each.record.goal_id}/start-activity"
            if each.record.parent_execution_id is None
            else f"POST /workflows/{each.record.parent_execution_id}/retry"
            for each in executions
        ]
    )
    yield "\n## 期待される動作 / Expected\n"
    yield from _bullets(
        [words.expected or "every action ends with its tasks saved, within workflowTimeout"]
    )
    yield "\n## 実際の動作 / Actual\n"
    yield from _bullets([words.actual] if words.actual else [_end(each) for each in executions])
    if evidence.unread:
        yield "\n## Could not be read\n"
        yield from _bullets([f"{part}: {why}" for part, why in evidence.unread.items()])
    yield "\n## CloudWatch Logs: the last errors and warnings (all lines: logs.jsonl)\n"
    grave = [line for line in evidence.lines if line.level in ("WARNING", "ERROR", "CRITICAL")]
    yield from _bullets(
        [f"{line.at} {line.source} {line.level} {line.message}" for line in grave[-_SHOWN_LINES:]]
    )


def _bullets(texts: list[str]) -> Iterator[str]:
    yield from (f"- {text}" for text in texts or ["none"])


def _codes(executions: Iterable[ExecutionEvidence]) -> Counter[str]:
    return Counter(code for each in executions for code in _codes_of(each))


def _codes_of(each: ExecutionEvidence) -> Iterator[str]:
    if each.record.error_code:
        yield each.record.error_code
    yield from (item.error_code for item in each.items if item.error_code)


def _end(each: ExecutionEvidence) -> str:
    record = each.record
    failed = plural(len(record.failed_actions), "action")
    return f"{record.execution_id}: {record.status}, {failed} of {record.total_actions} failed"
