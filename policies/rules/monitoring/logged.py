"""What stands in the lines of the workflow's logs: the same as the handlers write.

The pack stands alone, so it has the names a second time; a test compares them with the handlers.
"""

_DISCOVERED = (
    "@timestamp @ingestionTime @message @log @logStream @ptr @entity @requestId @duration"
    " @billedDuration @type @initDuration @maxMemoryUsed @memorySize @xrayTraceId"
    " @xraySegmentId @aws.account @aws.region"
)
DISCOVERED = frozenset(_DISCOVERED.split())
"""Fields of any line, and of Lambda's own (CloudWatch Logs User Guide: discovered fields)."""

_OF_LOGGERS = (
    "level location message timestamp service cold_start function_name function_memory_size"
    " function_arn function_request_id correlation_id xray_trace_id exception exception_name"
    " stack_trace sampling_rate"
)
OF_LOGGERS = frozenset(_OF_LOGGERS.split())
"""(Powertools for AWS Lambda, Python: Logger, standard structured keys)"""

_OF_HANDLERS = (
    "actionId afterSeconds alarm archived coerced costUsd detail durationMs ended error"
    " errorCode executionId executionIds failed goalId inputTokens isEstimated kind latencyMs"
    " left messageId model notices outputTokens parentExecutionId problems reason region"
    " requestId running stack state status stopReason succeededActions taskCount totalActions"
    " unavailable userId verdict waitSeconds what"
)
OF_HANDLERS = frozenset(_OF_HANDLERS.split())
"""What handlers add to a line."""

_OF_MACHINES = "id type details previous_event_id event_timestamp execution_arn redrive_count"
OF_MACHINES = frozenset(_OF_MACHINES.split())
"""(AWS Step Functions Developer Guide: logging to CloudWatch)"""

MESSAGES = frozenset(
    {
        *("answer coerced", "archived", "asking a second time", "attempt failed"),
        *("call failed beside another", "call overtaken", "cancelled", "ended", "failed"),
        *("model answered", "not copied"),
        *("no price is known for this model here: its calls are accounted for at no cost",),
        *("not published", "not sent", "prepared", "reconciled", "repairing the answer", "sent"),
        *("started", "swept", "tasks kept", "unavailable", "unreadable", "waiting for its turn"),
    }
)
"""Messages of handlers' lines."""

LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})

EVENTS = frozenset(
    {
        *(f"Execution{each}" for each in ("Started", "Succeeded", "Failed", "TimedOut")),
        *("ExecutionAborted", "ExecutionRedriven"),
        *(f"Task{each}" for each in ("Scheduled", "Started", "StartFailed", "Submitted")),
        *(f"Task{each}" for each in ("SubmitFailed", "Succeeded", "Failed", "TimedOut")),
        *(f"LambdaFunction{each}" for each in ("Scheduled", "ScheduleFailed", "Started")),
        *(f"LambdaFunction{each}" for each in ("StartFailed", "Succeeded", "Failed", "TimedOut")),
        *(f"Map{each}" for each in ("StateStarted", "StateEntered", "StateExited", "StateFailed")),
        *(f"Map{each}" for each in ("StateSucceeded", "StateAborted", "IterationStarted")),
        *(f"MapIteration{each}" for each in ("Succeeded", "Failed", "Aborted")),
        *(
            f"{kind}State{each}"
            for kind in ("Task", "Choice", "Pass", "Wait", "Succeed", "Fail", "Parallel")
            for each in ("Entered", "Exited")
        ),
    }
)
"""(AWS Step Functions API Reference: HistoryEvent, type)"""
