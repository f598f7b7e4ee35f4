"""Which stack and which execution an operator means."""

import pytest

from ops.problems import OperatorError
from ops.stack import execution_of
from tests.ops.trace.parts import ARN, EXECUTION


def test_an_arn_tells_its_stack() -> None:
    assert execution_of(ARN, None) == ("prod", EXECUTION)
    assert execution_of(ARN, "prod") == ("prod", EXECUTION)


def test_an_id_belongs_to_the_stack_named_or_to_the_local_one() -> None:
    assert execution_of(EXECUTION.upper(), "dev") == ("dev", EXECUTION)
    assert execution_of(EXECUTION, None) == ("local", EXECUTION)


def test_an_arn_of_another_stack_is_refused() -> None:
    with pytest.raises(OperatorError, match="--stack dev, but the execution is of stack prod"):
        execution_of(ARN, "dev")


@pytest.mark.parametrize("text", ["", "abc", EXECUTION + "0", ARN.replace("prod", "other")])
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(OperatorError, match=r"give an execution's id \(a UUID\) or its ARN"):
        execution_of(text, None)
