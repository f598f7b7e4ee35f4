"""Every fault of a model call, end to end: error codes, retries, saved tasks, tokens."""

import pytest

from handlers.contract.statuses import ExecutionStatus
from localcloud.bedrock.fault_kind import FaultKind
from localcloud.bedrock.odd_answers import CALLS, TEXTS
from tests.workflow.stage import EndedExecution, Stage, small_goal

ERROR_CODES = {
    FaultKind.THROTTLE: "MODEL_THROTTLED",
    FaultKind.DAILY_QUOTA: "MODEL_QUOTA_USED_UP",
    FaultKind.NOT_READY: "MODEL_UNAVAILABLE",
    FaultKind.MODEL_TIMEOUT: "MODEL_UNAVAILABLE",
    FaultKind.MODEL_FAILED: "MODEL_UNAVAILABLE",
    FaultKind.SERVER_ERROR: "MODEL_UNAVAILABLE",
    FaultKind.UNAVAILABLE: "MODEL_UNAVAILABLE",
    FaultKind.TIME_OUT: "MODEL_UNAVAILABLE",
    FaultKind.DISCONNECT: "MODEL_UNAVAILABLE",
    FaultKind.ACCESS_DENIED: "MODEL_REJECTED",
    FaultKind.NOT_FOUND: "MODEL_REJECTED",
    FaultKind.INVALID_REQUEST: "MODEL_REJECTED",
    FaultKind.CONTEXT_EXCEEDED: "MODEL_REJECTED",
    FaultKind.REFUSED: "CONTENT_FILTERED",
    FaultKind.GUARDRAIL: "CONTENT_FILTERED",
    FaultKind.MODEL_ERROR: "INVALID_ANSWER",
    FaultKind.WRONG_SCHEMA: "INVALID_ANSWER",
    FaultKind.MALFORMED_JSON: "INVALID_ANSWER",
    FaultKind.MALFORMED_TOOL_USE: "INVALID_ANSWER",
    FaultKind.MALFORMED_OUTPUT: "INVALID_ANSWER",
    FaultKind.NO_TOOL_USE: "INVALID_ANSWER",
    FaultKind.STOPPED: "INVALID_ANSWER",
    FaultKind.TRUNCATED: "INVALID_ANSWER",
}
KINDS = list(ERROR_CODES)
IN_DOUBT = (
    FaultKind.MINUTES_90,
    FaultKind.TITLE_OF_51,
    FaultKind.TEXT_THAT_IS_CUT,
    FaultKind.TWO_CALLS_THAT_DIFFER,
)
READ = sorted((set(CALLS) | set(TEXTS)) - set(IN_DOUBT))
QUICK_KINDS = [kind for kind in KINDS if kind != FaultKind.TIME_OUT]
RETRIED = ("MODEL_THROTTLED", "MODEL_UNAVAILABLE")


@pytest.fixture(scope="module")
def ended(stage: Stage) -> EndedExecution:
    """An execution with an action for each permanent fault, for each fault once, and for none."""
    mandala = stage.place(small_goal("モデルが何を返しても", len(QUICK_KINDS) + len(KINDS) + 1))
    faults: list[dict[str, object]] = [
        *({"kind": kind} for kind in QUICK_KINDS),
        *({"kind": kind, "times": 1} for kind in KINDS),
    ]
    ids = [action.action_id for action in mandala.actions]
    return stage.run(mandala, dict(zip(ids, faults, strict=False)))


def test_no_kind_of_fault_is_left_out() -> None:
    assert {*KINDS, *IN_DOUBT, *READ, FaultKind.STUCK} == set(FaultKind)


@pytest.mark.parametrize("kind", QUICK_KINDS)
def test_a_permanent_fault_ends_in_a_typed_error(ended: EndedExecution, kind: FaultKind) -> None:
    item = ended.items()[QUICK_KINDS.index(kind)]

    assert (item.status, item.error_code, item.task_count) == ("FAILED", ERROR_CODES[kind], 0)
    assert item.error_detail
    assert item.attempts == (3 if ERROR_CODES[kind] in RETRIED else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_that_occurs_once_is_retried_or_repaired_or_ends_the_action(
    ended: EndedExecution, kind: FaultKind
) -> None:
    item = ended.items()[len(QUICK_KINDS) + KINDS.index(kind)]

    if ERROR_CODES[kind] in RETRIED:
        assert (item.status, item.attempts) == ("SAVED", 2)
    elif ERROR_CODES[kind] == "INVALID_ANSWER":
        assert (item.status, item.attempts) == ("SAVED", 1)
    else:
        assert (item.status, item.error_code) == ("FAILED", ERROR_CODES[kind])


def test_the_action_without_a_fault_is_saved(ended: EndedExecution) -> None:
    assert ended.items()[-1].status == "SAVED"
    assert ended.snapshot.status == ExecutionStatus.PARTIALLY_SUCCEEDED
    assert ended.verified.problems == ()


def test_tokens_are_counted_for_answered_calls(ended: EndedExecution) -> None:
    by_kind = dict(zip(QUICK_KINDS, ended.items(), strict=False))

    assert by_kind[FaultKind.WRONG_SCHEMA].output_tokens > 0
    assert by_kind[FaultKind.REFUSED].input_tokens > 0
    assert by_kind[FaultKind.THROTTLE].input_tokens == 0
    assert ended.snapshot.input_tokens == sum(item.input_tokens for item in ended.items())
    assert ended.snapshot.output_tokens == sum(item.output_tokens for item in ended.items())


def test_odd_answers_are_read_or_asked_for_once_more_and_a_stuck_model_is_asked_differently(
    stage: Stage,
) -> None:
    repaired = (*IN_DOUBT, FaultKind.STUCK)
    kinds = [*READ, *repaired]
    mandala = stage.place(small_goal("違う形で返ってきても", len(kinds)))
    faults: dict[str, dict[str, object]] = {
        action.action_id: {"kind": kind, **({"times": 1} if kind in IN_DOUBT else {})}
        for kind, action in zip(kinds, mandala.actions, strict=True)
    }
    ended = stage.run(mandala, faults)

    calls = dict(zip(kinds, stage.model_calls(mandala), strict=True))
    assert ended.snapshot.status == ExecutionStatus.SUCCEEDED
    assert ended.verified.problems == ()
    assert calls == {kind: 2 if kind in repaired else 1 for kind in kinds}
    assert {item.attempts for item in ended.items()} == {1}


@pytest.mark.soak
def test_a_model_that_never_answers_ends_in_a_typed_error(stage: Stage) -> None:
    mandala = stage.place(small_goal("返事がない", size=1))
    (item,) = stage.run(mandala, {"*": {"kind": FaultKind.TIME_OUT}}).items()

    assert (item.status, item.error_code, item.attempts) == ("FAILED", "MODEL_UNAVAILABLE", 3)


def test_an_execution_without_a_success_fails(stage: Stage) -> None:
    mandala = stage.place(small_goal("一つも実らない", size=1))
    ended = stage.run(mandala, {"*": {"kind": "refused"}})

    assert ended.snapshot.status == ExecutionStatus.FAILED
    assert stage.goal_state(mandala) == ("FAILED", None, None)
    assert ended.verified.problems == ()
