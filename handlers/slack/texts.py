"""The fixed texts of the messages, in the operators' two languages."""

from dataclasses import dataclass
from datetime import timedelta

from handlers.contract.languages import Language
from handlers.contract.statuses import ExecutionStatus

_MINUTE = 60
_HOUR = 3600


@dataclass(frozen=True)
class Texts:
    """The texts in one language. The message fills in `{...}`."""

    alarm: str
    recovered: str
    notice: str
    escalation: str
    unknown: str
    other: str
    statuses: dict[ExecutionStatus, str]
    many_failed: str
    many_ended: str
    state: str
    since: str
    started: str
    recovered_at: str
    lasted: str
    values: str
    value: str
    no_value: str
    goal: str
    execution: str
    actions: str
    counts: str
    error: str
    took: str
    ended: str
    first_ended: str
    more: str
    repeated: str
    to_alarm: str
    to_execution: str
    to_logs: str
    to_runbook: str
    to_dashboard: str
    hours: str
    minutes: str
    seconds: str


JAPANESE = Texts(
    alarm="🔴 アラーム: {name}",
    recovered="🟢 復旧: {name}",
    notice="🟡 お知らせ: {name}",
    escalation="🚨 継続中: {name}",
    unknown="⚪ データなし: {name}",
    other="💬 お知らせ",
    statuses={
        ExecutionStatus.RUNNING: "🔵 実行中",
        ExecutionStatus.SUCCEEDED: "🟢 成功",
        ExecutionStatus.PARTIALLY_SUCCEEDED: "🟠 一部失敗",
        ExecutionStatus.FAILED: "🔴 失敗",
        ExecutionStatus.TIMED_OUT: "🔴 タイムアウト",
        ExecutionStatus.ABORTED: "⚪ 中止",
    },
    many_failed="🚨 アクションの{percent}%が失敗",
    many_ended="{count}件の実行が終了",
    state="状態",
    since="発生",
    started="開始",
    recovered_at="復旧",
    lasted="継続時間",
    values="値としきい値",
    value="{value}（しきい値 {sign} {threshold}）",
    no_value="値は不明",
    goal="目標ID",
    execution="実行ARN",
    actions="アクション",
    counts="成功 {succeeded} / 失敗 {failed} / 全 {total}",
    error="エラー",
    took="所要時間",
    ended="終了",
    first_ended="最初の終了",
    more="ほか{count}件",
    repeated="同じ内容が{count}回",
    to_alarm="アラーム",
    to_execution="実行",
    to_logs="ログ",
    to_runbook="手順書",
    to_dashboard="ダッシュボード",
    hours="{hours}時間{minutes}分",
    minutes="{minutes}分{seconds}秒",
    seconds="{seconds}秒",
)

ENGLISH = Texts(
    alarm="🔴 Alarm: {name}",
    recovered="🟢 Recovered: {name}",
    notice="🟡 Notice: {name}",
    escalation="🚨 Still going on: {name}",
    unknown="⚪ No data: {name}",
    other="💬 Notice",
    statuses={
        ExecutionStatus.RUNNING: "🔵 Running",
        ExecutionStatus.SUCCEEDED: "🟢 Succeeded",
        ExecutionStatus.PARTIALLY_SUCCEEDED: "🟠 Partially succeeded",
        ExecutionStatus.FAILED: "🔴 Failed",
        ExecutionStatus.TIMED_OUT: "🔴 Timed out",
        ExecutionStatus.ABORTED: "⚪ Aborted",
    },
    many_failed="🚨 {percent} % of the actions failed",
    many_ended="{count} executions ended",
    state="State",
    since="Since",
    started="Started",
    recovered_at="Over",
    lasted="Lasted",
    values="Value and threshold",
    value="{value} (threshold {sign} {threshold})",
    no_value="value not known",
    goal="Goal id",
    execution="Execution ARN",
    actions="Actions",
    counts="{succeeded} succeeded / {failed} failed / {total} in all",
    error="Error",
    took="Took",
    ended="Ended",
    first_ended="First ended",
    more="and {count} more",
    repeated="the same {count} times",
    to_alarm="alarm",
    to_execution="execution",
    to_logs="logs",
    to_runbook="runbook",
    to_dashboard="dashboard",
    hours="{hours} h {minutes} min",
    minutes="{minutes} min {seconds} s",
    seconds="{seconds} s",
)

TEXTS: dict[Language, Texts] = {"ja": JAPANESE, "en": ENGLISH}


def duration(texts: Texts, time: timedelta) -> str:
    """A duration in its two largest units."""
    seconds = max(0, round(time.total_seconds()))
    hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
    if hours:
        return texts.hours.format(hours=hours, minutes=minutes)
    if minutes:
        return texts.minutes.format(minutes=minutes, seconds=seconds % _MINUTE)
    return texts.seconds.format(seconds=seconds)
