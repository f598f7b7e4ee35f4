"""Saved queries of CloudWatch Logs Insights: the guide's three and five more, as data.

They read only fields that are written. A line of a function (Powertools' Logger) has `level`,
`message`, `service`, `function_request_id`, the ids `executionId`, `goalId`, `actionId`, and fields
that belong to its message. A line of the state machine has `type`, `execution_arn`,
`event_timestamp` (epoch ms) and `details` (Step Functions Developer Guide: logging to CloudWatch).
"""

from dataclasses import dataclass

from components.names import Names
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION, WORKFLOW_FINISH

EXECUTION_ID = "00000000-0000-7000-8000-000000000000"
"""Stands in the query `execution-story` for the id of an execution."""


@dataclass(frozen=True)
class SavedQuery:
    """One query.

    key: its name below the stack's prefix.
    question: what it answers, in both languages of the operators.
    log_groups: the groups that it reads.
    """

    key: str
    question: str
    log_groups: tuple[str, ...]
    text: str


def saved_queries(names: Names) -> tuple[SavedQuery, ...]:
    """All queries of one stack."""
    functions = tuple(names.function_log_group(spec) for spec in FUNCTIONS)
    generation = (names.function_log_group(TASK_GENERATION),)
    finish = (names.function_log_group(WORKFLOW_FINISH),)
    machine = (names.state_machine_log_group,)
    return (
        SavedQuery(
            "error-rate",
            "エラー率（5分ごと・関数ごと） / Errors a call, by function and 5 minutes",
            functions,
            _ERROR_RATE,
        ),
        SavedQuery(
            "execution-time",
            "実行時間（1時間ごと） / How long executions took, by the hour they ended in",
            machine,
            _EXECUTION_TIME,
        ),
        SavedQuery(
            "failed-actions",
            "失敗したアクション（終了状態ごと） / Actions that failed for good, by ending",
            finish,
            _FAILED_ACTIONS,
        ),
        SavedQuery(
            "slowest-actions",
            "最も遅いアクション / The actions that took longest",
            generation,
            _SLOWEST_ACTIONS,
        ),
        SavedQuery(
            "errors-by-code",
            "エラーコード別の件数 / What goes wrong most, by code",
            functions,
            _ERRORS_BY_CODE,
        ),
        SavedQuery(
            "execution-story",
            "1回の実行の経過（IDを置き換える） / One execution's story: put its id in",
            (*machine, *functions),
            _EXECUTION_STORY,
        ),
        SavedQuery(
            "token-spend-by-goal",
            "目標別のトークン費用 / What the model cost, by goal",
            generation,
            _SPEND_BY_GOAL,
        ),
        SavedQuery(
            "retries-by-reason",
            "再試行の理由（15分ごと） / Why actions were tried again, by 15 minutes",
            generation,
            _RETRIES_BY_REASON,
        ),
    )


# A crash leaves Lambda's own [ERROR] line, which is no JSON: so the query searches the text.
_ERROR_RATE = """\
fields strcontains(@message, "ERROR") as isError
| stats sum(isError) as errors, count_distinct(function_request_id) as calls,
    100 * errors / calls as errorPercent by bin(5m), @log
| sort errorPercent desc"""

_EXECUTION_TIME = """\
filter type in ["ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut",
    "ExecutionAborted"]
| stats min(event_timestamp) as startedAt, max(event_timestamp) as endedAt, count(*) as events
    by execution_arn
| filter events = 2
| fields datefloor(fromMillis(endedAt), 1h) as hour, (endedAt - startedAt) / 1000 as seconds
| stats avg(seconds) as averageSeconds, max(seconds) as longestSeconds,
    min(seconds) as shortestSeconds, count(*) as executions by hour
| sort hour desc"""

_FAILED_ACTIONS = """\
filter message = "ended"
| fields totalActions - succeededActions as failed
| filter failed > 0
| stats count(*) as executions, sum(failed) as failedActions by status
| sort failedActions desc"""

_SLOWEST_ACTIONS = """\
fields durationMs, taskCount, executionId, goalId, actionId, @timestamp
| filter message = "tasks kept"
| sort durationMs desc
| limit 20"""

_ERRORS_BY_CODE = """\
filter level in ["ERROR", "WARNING"]
| stats count(*) as times, count_distinct(executionId) as executions by service, errorCode, error
| sort times desc"""

_EXECUTION_STORY = f"""\
fields @timestamp, service, coalesce(message, type) as what, details.name as state, actionId,
    errorCode, status, durationMs, requestId
| filter executionId = "{EXECUTION_ID}" or execution_arn like /{EXECUTION_ID}/
| sort @timestamp asc
| limit 10000"""

_SPEND_BY_GOAL = """\
filter message in ["model answered", "call overtaken"]
| stats sum(costUsd) as costUsd, sum(inputTokens) as inputTokens,
    sum(outputTokens) as outputTokens, count(*) as calls,
    count_distinct(executionId) as executions by goalId
| sort costUsd desc
| limit 20"""

_RETRIES_BY_REASON = """\
filter message in ["attempt failed", "repairing the answer"]
| fields coalesce(errorCode, "REPAIR") as reason
| stats count(*) as tries, count_distinct(actionId) as actions by bin(15m), reason
| sort tries desc"""
