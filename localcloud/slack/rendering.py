"""Renders messages as HTML that looks like Slack: without scripts, and nothing is loaded."""

import re
from datetime import datetime
from html import escape, unescape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --text: #1d1c1d; --back: #fff; --soft: #616061; --line: #ddd;
  --link: #1264a3; --hover: #f8f8f8; --mention: #fdf0c3 }
@media (prefers-color-scheme: dark) { :root { --text: #d1d2d3; --back: #1a1d21; --soft: #ababad;
  --line: #35373b; --link: #1d9bd1; --hover: #222529; --mention: #4a3f16 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--text);
  font: 15px/1.47 Lato, "Noto Sans", "Noto Sans CJK JP", "Noto Color Emoji", sans-serif }
h1 { font-size: 18px; margin: 0; padding: 12px 20px; border-bottom: 1px solid var(--line) }
p.none { padding: 20px; color: var(--soft) }
article { display: grid; grid-template-columns: 36px 1fr; gap: 0 8px; padding: 8px 20px }
article:hover { background: var(--hover) }
.face { width: 36px; height: 36px; border-radius: 6px; background: #4a154b; color: #fff;
  display: grid; place-items: center; font-weight: 700 }
.who { font-weight: 900 } .who small { font-weight: 400; color: var(--soft); margin-left: 8px;
  border: 1px solid var(--line); border-radius: 3px; padding: 0 3px; font-size: 10px }
.header { font-size: 18px; font-weight: 900; margin: 4px 0; overflow-wrap: anywhere }
.attachment { display: grid; grid-template-columns: 4px 1fr; gap: 0 12px; margin: 4px 0 }
.bar { border-radius: 8px }
.section { margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere }
.fields { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 4px 12px;
  margin: 6px 0; max-width: 640px }
.fields div { white-space: pre-wrap; overflow-wrap: anywhere }
.context { display: flex; flex-wrap: wrap; gap: 4px 12px; font-size: 12px; margin: 6px 0 }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
mark { background: var(--mention); color: var(--link); border-radius: 3px; padding: 0 2px }
"""

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,6}")
_DATE = re.compile(r"!date\^(\d{1,10})\^")
_CONTROL = re.compile(r"<([^<>]*)>|\*([^*\n]+)\*")


def page(messages: list[dict[str, Any]]) -> str:
    """The page of the channel, the oldest message first."""
    shown = "\n".join(map(_message, messages)) or '<p class="none">No message yet.</p>'
    return (
        '<!doctype html><html lang="ja"><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>Slack sink</title><style>{_STYLE}</style>"
        f"<h1># workflow-alerts</h1><main>{shown}</main></html>"
    )


def _message(message: dict[str, Any]) -> str:
    attachments = "".join(map(_attachment, message.get("attachments", [])))
    blocks = "".join(map(_block, message.get("blocks", [])))
    if not blocks:
        blocks = f'<div class="section">{_markup(message.get("text", ""))}</div>'
    return (
        '<article><div class="face">G</div><div><div class="who">goal-mandala<small>APP</small>'
        f"</div>{blocks}{attachments}</div></article>"
    )


def _attachment(attachment: dict[str, Any]) -> str:
    given = str(attachment.get("color"))
    colour = given if _COLOUR.fullmatch(given) else "#ddd"
    blocks = "".join(map(_block, attachment.get("blocks", [])))
    return (
        f'<div class="attachment"><div class="bar" style="background:{colour}"></div>'
        f"<div>{blocks}</div></div>"
    )


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f'<div class="header">{_text(block["text"])}</div>'
        case "context":
            elements = "".join(f"<span>{_text(each)}</span>" for each in block["elements"])
            return f'<div class="context">{elements}</div>'
        case "divider":
            return "<hr>"
        case _:
            text = f'<div class="section">{_text(block["text"])}</div>' if "text" in block else ""
            fields = "".join(f"<div>{_text(each)}</div>" for each in block.get("fields", []))
            return text + (f'<div class="fields">{fields}</div>' if fields else "")


def _text(text: dict[str, Any]) -> str:
    return escape(unescape(text["text"])) if text["type"] == "plain_text" else _markup(text["text"])


def _markup(text: str) -> str:
    """Render Slack's control sequences and bold text, and escape everything else."""
    pieces: list[str] = []
    end = 0
    for found in _CONTROL.finditer(text):
        pieces += [escape(unescape(text[end : found.start()])), _control(found)]
        end = found.end()
    return "".join([*pieces, escape(unescape(text[end:]))])


def _control(found: re.Match[str]) -> str:
    sequence, bold = found.groups()
    if bold:
        return f"<b>{escape(unescape(bold))}</b>"
    target, _, label = sequence.partition("|")
    if date := _DATE.match(target):
        at = datetime.fromtimestamp(int(date[1])).astimezone()
        return f"<time>{at:%Y-%m-%d %H:%M:%S}</time>"
    if target.startswith(("!", "@", "#")):
        name = label or target.removeprefix("!subteam^").lstrip("!@#")
        return f"<mark>@{escape(unescape(name))}</mark>"
    shown = escape(unescape(label or target))
    is_link = target.startswith(("https://", "http://"))
    return f'<a href="{escape(target)}">{shown}</a>' if is_link else shown
