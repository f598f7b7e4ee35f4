"""An execution as it may leave: every text of record, work items and history redacted."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from handlers.storage.models import ActionContext, WorkItem
from ops.support import allowed
from ops.support.evidence import ExecutionEvidence
from ops.support.redaction import Redactor

_ACTIONS_OF_A_SUB_GOAL = 8
_T = TypeVar("_T")


def cleaned(each: ExecutionEvidence, redactor: Redactor) -> ExecutionEvidence:
    """The same execution without what is not recognised."""
    items = [_item(item, number, redactor) for number, item in enumerate(each.items)]
    history = [_event(event, redactor) for event in each.history]
    return ExecutionEvidence(_texts(each.record, redactor), items, history)


def _item(item: WorkItem, number: int, redactor: Redactor) -> WorkItem:
    """Without its context; the sub-goal's number keeps the picture's order."""
    context = ActionContext("", "EXECUTION", str(number // _ACTIONS_OF_A_SUB_GOAL + 1), "")
    coerced = tuple(redactor.text(each) for each in item.coerced)
    return replace(_texts(item, redactor), context=context, coerced=coerced)


def _texts(value: _T, redactor: Redactor) -> _T:
    """A dataclass with its plain texts redacted."""
    held: Any = value
    texts = {
        field.name: redactor.text(text)
        for field in fields(held)
        if type(text := getattr(held, field.name)) is str
    }
    return cast("_T", replace(held, **texts))


def _event(event: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    details = {
        name: _payloads(redactor.fields(value, allowed.EVENT_DETAILS))
        for name, value in event.items()
        if name.endswith("EventDetails")
    }
    when: datetime = event["timestamp"]
    kept = {name: event[name] for name in ("id", "previousEventId", "type")}
    return {**kept, "timestamp": when, **details}


def _payloads(details: dict[str, Any]) -> dict[str, Any]:
    """Inputs and outputs are JSON in a text, as Step Functions returns them."""
    payloads = {
        name: json.dumps(details[name], ensure_ascii=False)
        for name in ("input", "output")
        if isinstance(details.get(name), dict | list)
    }
    return {**details, **payloads}
