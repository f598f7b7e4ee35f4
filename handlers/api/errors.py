"""The API's own errors: English codes for programs, Japanese messages for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

_SHOWN_CHARACTERS = 100


class ApiErrorCode(StrEnum):
    """Codes of the API's errors."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    FINISHING = "FINISHING"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    UNAVAILABLE = "UNAVAILABLE"


STATUS_BY_CODE = {
    ApiErrorCode.VALIDATION_ERROR: HTTPStatus.BAD_REQUEST,
    ApiErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ApiErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ApiErrorCode.FINISHING: HTTPStatus.CONFLICT,
    ApiErrorCode.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
    ApiErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


class ApiError(Exception):
    """Ends a request with an error.

    message: for the product's users, in Japanese.
    details: for programs, such as the id of the running execution.
    """

    def __init__(
        self, code: ApiErrorCode, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.details = details

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status."""
        return STATUS_BY_CODE[self.code]

    def body(self, request_id: str) -> dict[str, Any]:
        """The answer's body. `retryable`: the same request may succeed a little later."""
        return {
            "error": {
                "code": self.code.value,
                "message": self.message,
                "retryable": self.code == ApiErrorCode.UNAVAILABLE,
                **({"details": self.details} if self.details else {}),
            },
            "requestId": request_id,
        }


@dataclass(frozen=True)
class InvalidField:
    """An invalid part of a request.

    field: its name, or `body` or `content-type`.
    value: the value sent; None for a missing one.
    allowed: the values allowed, for the product's users.
    """

    field: str
    value: object
    allowed: str

    def details(self) -> dict[str, str]:
        """The field in an error's details; a long value is cut."""
        shown = {"field": _readable(self.field), "allowed": self.allowed}
        return shown if self.value is None else {**shown, "value": _readable(self.value)}


def invalid(problems: Sequence[InvalidField]) -> ApiError:
    """400: names every invalid field, its value and what is allowed."""
    fields = [problem.details() for problem in problems]
    listed = "、".join(f"{field['field']}（{field['allowed']}）" for field in fields)
    message = f"リクエストの内容が正しくありません。指定できる値を確認してください: {listed}"
    return ApiError(ApiErrorCode.VALIDATION_ERROR, message, {"fields": fields})


def execution_not_found() -> ApiError:
    """404, the same for an id that does not exist and for another user's."""
    return ApiError(ApiErrorCode.NOT_FOUND, "指定された実行が見つかりません。")


def goal_not_found() -> ApiError:
    """404, the same for a goal that does not exist and for another user's."""
    return ApiError(ApiErrorCode.NOT_FOUND, "指定された目標が見つかりません。")


def already_running(execution_id: str) -> ApiError:
    """409 with the id of the goal's running execution."""
    return ApiError(
        ApiErrorCode.CONFLICT,
        "この目標のタスク生成はすでに実行中です。",
        {"executionId": execution_id},
    )


def nothing_failed() -> ApiError:
    """409: a retry of an execution without failed actions."""
    return ApiError(ApiErrorCode.CONFLICT, "再実行の対象となる失敗したアクションがありません。")


def already_ended() -> ApiError:
    """409: a cancel of an execution that has ended."""
    return ApiError(ApiErrorCode.CONFLICT, "この実行はすでに終了しています。")


def finishing() -> ApiError:
    """409: a cancel after saving has begun."""
    return ApiError(
        ApiErrorCode.FINISHING, "生成したタスクを保存しているため、キャンセルできません。"
    )


def unavailable() -> ApiError:
    """503: a service behind the API does not answer; nothing was changed."""
    return ApiError(
        ApiErrorCode.UNAVAILABLE,
        "ただいまサービスを利用できません。しばらくしてからもう一度お試しください。",
    )


def internal_error() -> ApiError:
    """500: a defect; the answer holds only the request's id."""
    return ApiError(
        ApiErrorCode.INTERNAL_ERROR,
        "サーバーでエラーが発生しました。解決しない場合は requestId を添えてお問い合わせください。",
    )


def _readable(value: object) -> str:
    # JSON can hold half a surrogate pair, UTF-8 cannot.
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
