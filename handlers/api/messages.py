"""Messages to the product's users about failed actions and executions."""

from handlers.contract.errors import ErrorCode

MESSAGE_BY_ERROR_CODE = {
    ErrorCode.MODEL_THROTTLED: "AI サービスが混み合っていたため、タスクを生成できませんでした。",
    ErrorCode.MODEL_QUOTA_USED_UP: (
        "AI サービスの一日の利用上限に達したため、タスクを生成できませんでした。"
    ),
    ErrorCode.MODEL_UNAVAILABLE: "AI サービスから応答がなく、タスクを生成できませんでした。",
    ErrorCode.MODEL_REJECTED: "AI サービスがこの依頼を受け付けませんでした。",
    ErrorCode.CONTENT_FILTERED: "内容が AI サービスの安全基準に触れたため、生成できませんでした。",
    ErrorCode.INVALID_ANSWER: "AI の回答がタスクの決まりに合わず、採用できませんでした。",
    ErrorCode.DEADLINE: "制限時間内に処理できませんでした。",
    ErrorCode.NO_TURN: (
        "混み合っていて、制限時間内に順番が来ませんでした。時間をおいて再実行してください。"
    ),
    ErrorCode.FUNCTION_FAILED: "処理中にエラーが発生しました。",
    ErrorCode.ACTION_NOT_FOUND: "実行中にアクションが削除されました。",
    ErrorCode.SAVE_FAILED: "生成したタスクを保存できませんでした。",
    ErrorCode.EXECUTION_TIMED_OUT: "実行が制限時間を超えました。",
    ErrorCode.EXECUTION_ABORTED: "実行が運用側で中断されました。",
    ErrorCode.EXECUTION_FAILED: "実行が途中で失敗しました。",
    ErrorCode.START_FAILED: "実行を開始できませんでした。",
    ErrorCode.CANCELLED: "キャンセルされました。",
}

WAITING_MESSAGE = "混み合っているため、順番を待っています。順番が来ると自動で始まります。"


def message_of(code: str) -> str:
    """The message for an error code; one that this version does not know gets a general message."""
    try:
        return MESSAGE_BY_ERROR_CODE[ErrorCode(code)]
    except ValueError:
        return MESSAGE_BY_ERROR_CODE[ErrorCode.FUNCTION_FAILED]
