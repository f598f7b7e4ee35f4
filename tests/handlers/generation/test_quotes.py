"""A message of Bedrock's that quotes a user's text is recognised, in whatever way it quotes it."""

import pytest

from handlers.generation.prompt import user_message
from handlers.generation.quotes import quotes, texts_of
from handlers.storage.models import ActionContext

TITLE = 'Run <b>"daily"</b>\nwith Hanako & Taro'
TEXTS = texts_of([user_message(ActionContext(TITLE, "EXECUTION", "Sofia", "走る", "x\\n"))])


@pytest.mark.parametrize(
    "message",
    [
        f"cannot take {TITLE}",
        "cannot take Run <b>\"daily\"</b> with Hanako & Taro",
        "cannot take Run &lt;b&gt;daily, with   hanako",
        r"cannot take Run \u003cb\u003e\"daily\"\u003c/b\u003e\nwith Hanako",
        "cannot take WITH-HANAKO-AND",
        "cannot take [Sofia]",
    ],
)  # fmt: skip
def test_a_quotation_is_recognised(message: str) -> None:
    assert quotes(message, TEXTS)


@pytest.mark.parametrize(
    "message",
    [
        "The provided model identifier is invalid.",
        "Too many tokens per day, please wait before trying again.",
        "User is not authorized to perform: bedrock:InvokeModel with this execution role",
        "",
    ],
)
def test_awss_own_words_are_no_quotation(message: str) -> None:
    assert not quotes(message, TEXTS)


def test_texts_in_the_models_own_answer_count_too() -> None:
    call = {"toolUse": {"toolUseId": "t", "name": "save_tasks", "input": {"Hanako's diary": ["x"]}}}
    texts = texts_of([{"role": "assistant", "content": [call]}])
    assert quotes("unknown key hanakos diary", texts)
    assert not quotes("unknown key", texts)
