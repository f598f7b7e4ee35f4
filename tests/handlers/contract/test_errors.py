"""Error codes: each has one present name, and the deprecated names are still read."""

import pytest

from handlers.contract.errors import ErrorCode, current_code


@pytest.mark.parametrize(
    ("deprecated", "present"),
    [
        ("RUN_TIMED_OUT", ErrorCode.EXECUTION_TIMED_OUT),
        ("RUN_ABORTED", ErrorCode.EXECUTION_ABORTED),
        ("RUN_FAILED", ErrorCode.EXECUTION_FAILED),
    ],
)
def test_a_deprecated_code_is_read_as_the_present_one(deprecated: str, present: ErrorCode) -> None:
    assert ErrorCode(deprecated) is present
    assert current_code(deprecated) == present.value


@pytest.mark.parametrize("code", ErrorCode)
def test_a_present_code_stays(code: ErrorCode) -> None:
    assert current_code(code.value) == code.value


def test_a_code_of_a_newer_version_stays() -> None:
    assert current_code("QUOTA_EXCEEDED") == "QUOTA_EXCEEDED"


@pytest.mark.parametrize("value", ["QUOTA_EXCEEDED", "", None, ["RUN_FAILED"]])
def test_anything_else_is_not_an_error_code(value: object) -> None:
    with pytest.raises(ValueError, match="is not a valid ErrorCode"):
        ErrorCode(value)
