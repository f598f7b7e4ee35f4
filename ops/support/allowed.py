"""The fields that may leave: of the table's items, of the history, of log lines, of alarms."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


RECORD = _names(
    """
    execution_id goal_id status execution_arn started_at total_actions parent_execution_id
    stopped_at succeeded_actions failed_actions error_code task_count usage input_tokens
    output_tokens cost_usd
    """
)
ITEM = _names(
    """
    action_id status attempts throttles calls_started calls_ended hedged_calls usage input_tokens
    output_tokens cost_usd prompt_version error_code error_detail task_count coerced started_at
    ended_at
    """
)
EVENT_DETAILS = _names(
    """
    name input output error cause resource resourceType region timeoutInSeconds executionId goalId
    actionId actionIds batches total totalActions saved status index length failed succeeded
    stateMachineVersionArn stateMachineAliasArn parameters truncated inputDetails outputDetails
    """
)
LINE = _names(
    """
    execution_arn id previous_event_id event_timestamp executionId goalId actionId errorCode error
    durationMs latencyMs taskCount totalActions inputTokens outputTokens saved missing refused
    status ended unavailable running cold_start function_request_id function_memory_size
    correlation_id parentExecutionId requestId routeKey attempt
    """
)
ALARM = _names(
    """
    AlarmName StateValue StateUpdatedTimestamp ActionsEnabled MetricName Namespace
    Statistic ExtendedStatistic Period EvaluationPeriods DatapointsToAlarm Threshold
    ComparisonOperator TreatMissingData
    """
)
CHANGE = _names("AlarmName AlarmType Timestamp HistoryItemType HistorySummary")
