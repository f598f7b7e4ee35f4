"""From evidence to the bundle's files, redacted: pure functions."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, cast

from components.names import Names
from components.settings import Settings
from ops.support import allowed
from ops.support.cleaned import cleaned
from ops.support.evidence import Evidence, ExecutionEvidence
from ops.support.redaction import Redactor
from ops.support.report import OwnWords, report
from ops.trace.attempts import read_states
from ops.trace.page import page
from ops.trace.picture import picture

_SECRETS = {"database_url", "jwt_secret", "slack_webhook"}


def redactor_of(names: Names, evidence: Evidence) -> Redactor:
    """What the stack's own words are, and the texts of the goals of that time."""
    return Redactor(
        frozenset({names.account, names.region, names.environment}), evidence.goal_texts
    )


def files(evidence: Evidence, redactor: Redactor, names: Names, words: OwnWords) -> dict[str, str]:
    """Name -> content of every file but for the manifest."""
    executions = [cleaned(each, redactor) for each in evidence.executions]
    lines = [
        replace(
            line,
            message=redactor.text(line.message),
            fields=redactor.fields(line.fields, allowed.LINE),
        )
        for line in evidence.lines
    ]
    unread = {part: redactor.text(why) for part, why in evidence.unread.items()}
    cleaned_evidence = replace(evidence, executions=executions, lines=lines, unread=unread)
    found = {
        "report.md": report(cleaned_evidence, names, words),
        "settings.json": _json(_settings(evidence.settings, redactor)),
        "versions.json": _json(evidence.versions),
        "alarms.json": _json(
            {
                "alarms": [redactor.fields(each, allowed.ALARM) for each in evidence.alarms],
                "history": [
                    redactor.fields(each, allowed.CHANGE) for each in evidence.alarm_history
                ],
            }
        ),
        "logs.jsonl": "".join(_json(asdict(line), indent=None) for line in lines),
    }
    for each in executions:
        folder = f"executions/{each.record.execution_id}"
        found |= {
            f"{folder}/record.json": _json(redactor.fields(asdict(each.record), allowed.RECORD)),
            f"{folder}/actions.json": _json(
                [redactor.fields(asdict(item), allowed.ITEM) for item in each.items]
            ),
            f"{folder}/history.json": _json(each.history),
            f"{folder}/trace.html": _trace(each, evidence.last),
        }
    return found


def _trace(each: ExecutionEvidence, now: datetime) -> str:
    states = read_states(each.history)
    return page(picture(each.record, each.items, states, now), with_titles=False)


def _settings(settings: Settings | None, redactor: Redactor) -> Any:
    """Values of our own words and of numbers, and any default; the secrets not even by name."""
    if settings is None:
        return {"error": "the stack's file is not valid: python -m ops preflight says why"}
    held = settings.model_dump(by_alias=True, mode="json", exclude=_SECRETS)
    usual = _defaults()
    return {name: _setting(value, usual.get(name), redactor) for name, value in held.items()}


def _setting(value: Any, default: Any, redactor: Redactor) -> Any:
    if value == default:
        return value
    if isinstance(value, dict):
        held, usual = cast("dict[str, Any]", value), cast("dict[str, Any]", default or {})
        return {
            redactor.text(name): _setting(each, usual.get(name), redactor)
            for name, each in held.items()
        }
    if isinstance(value, list):
        return [_setting(each, None, redactor) for each in cast("list[Any]", value)]
    return redactor.text(value) if isinstance(value, str) else value


def _defaults() -> dict[str, Any]:
    usual = {
        name: field.get_default(call_default_factory=True)
        for name, field in Settings.model_fields.items()
        if not field.is_required()
    }
    return Settings.model_construct(**usual).model_dump(by_alias=True, mode="json")


def _json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str) + "\n"
