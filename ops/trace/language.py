"""The page's language: every text stands in the code in English, and here in Japanese."""

from dataclasses import dataclass

from handlers.contract.languages import Language
from ops.trace.wording import plural

JAPANESE = {
    "Actions": "アクション",
    "Attempts that failed": "失敗した試行",
    "Failures": "失敗",
    "No action has failed for good.": "最終的に失敗したアクションはありません。",
    "Show": "表示",
    "Skip to the timeline": "時系列へ移動",
    "Timeline": "時系列",
    "US dollars": "米ドル",
    "action": "アクション",
    "action {place}": "アクション {place}",
    "actions in flight": "生成中のアクション",
    "actions kept": "保持されたアクション",
    "all actions": "すべてのアクション",
    "attempt": "試行",
    "attempt failed": "失敗した試行",
    "attempt open": "終わっていない試行",
    "attempt succeeded": "成功した試行",
    "attempt {number}: {outcome}": "試行 {number}: {outcome}",
    "attempts": "試行",
    "batch {number}": "バッチ {number}",
    "begins": "開始",
    "cause": "原因",
    "detail": "詳細",
    "ended": "終了",
    "ended from outside": "外部からの終了",
    "ends": "結果",
    "error": "エラー",
    "execution": "実行",
    "failed": "失敗",
    "finish": "完了処理",
    "generate": "生成",
    "goal": "目標",
    "in flight at most": "最大同時生成数",
    "max {value}": "最大 {value}",
    "no attempt began": "試行は始まらなかった",
    "none was given": "記されていない",
    "open": "未終了",
    "phases": "段階",
    "prepare": "準備",
    "repair": "修正",
    "repairs": "修正",
    "retried or repaired": "再試行・修正あり",
    "retries": "再試行",
    "retry of": "再試行の元",
    "save": "保存",
    "so far": "経過",
    "sub-goal {number}": "サブ目標 {number}",
    "succeeded": "成功",
    "takes": "所要",
    "task": "タスク",
    "tasks": "タスク",
    "timed out": "時間切れ",
    "tokens": "トークン",
    "tokens in / out": "トークン 入力 / 出力",
    "trace": "トレース",
    "tried": "試行",
    "waiting, all actions": "待ち時間の合計",
    "waits": "待ち",
    "waits for its turn": "順番待ち",
    "waits for its turn {time}": "順番待ち {time}",
    "waits {time}": "待ち {time}",
    "working {working}, waiting {waiting}": "作業 {working}、待ち {waiting}",
    "working, all actions": "作業時間の合計",
    "{count} of {total}": "{total} 中 {count}",
    "{name}: at most {top}": "{name}: 最大 {top}",
    "{repairs} of an invalid answer": "無効な回答の{repairs}",
    "{tokens_in} tokens in, {tokens_out} out": "トークン 入力 {tokens_in}、出力 {tokens_out}",
    "✓ tasks kept · ✗ failed for good · · not ended": "✓ タスクあり · ✗ 失敗 · · 未終了",
}
"""English -> Japanese; statuses, error codes and the names of AWS stay as they are."""


@dataclass(frozen=True)
class Words:
    """The texts of a page in one language."""

    language: Language = "en"

    def __call__(self, english: str, **values: str) -> str:
        """A text with its values."""
        text = english if self.language == "en" else JAPANESE[english]
        return text.format_map(values)

    def count(self, number: int, noun: str) -> str:
        """1 task, 2 tasks."""
        return plural(number, noun) if self.language == "en" else f"{JAPANESE[noun]} {number:,}"
