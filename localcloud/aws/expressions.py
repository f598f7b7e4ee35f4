"""Expressions of DynamoDB are read once; MiniStack reads those of a Query anew for each item."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from localcloud.aws.ministack import Json, tables

_KEPT = 1024
_TOP_LEVEL = re.compile(r"#?\w+")
_tokenize = tables._tokenize
_condition_syntax_error = tables._condition_syntax_error
_project_item = tables._project_item


@lru_cache(_KEPT)
def tokenize(expression: str) -> Any:
    """The words of an expression (replaces `_tokenize`); MiniStack edits no list of them."""
    return _tokenize(expression)


@lru_cache(_KEPT)
def condition_syntax_error(condition: str, slot: str) -> Any:
    """What is wrong with a condition, or None (replaces `_condition_syntax_error`)."""
    return _condition_syntax_error(condition, slot)


def project_item(item: Json, expression: str | None, names: Mapping[str, str] | None) -> Json:
    """The chosen attributes of an item (replaces `_project_item`)."""
    chosen = _attributes(expression or "", tuple((names or {}).items()))
    if not chosen:
        projected: Json = _project_item(item, expression, names)
        return projected
    return {name: item[name] for name in chosen if name in item}


@lru_cache(_KEPT)
def _attributes(expression: str, names: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The attributes that a projection chooses; none if it has a path or must be refused."""
    written = [each.strip() for each in expression.split(",")]
    chosen = [dict(names).get(each, each) for each in written]
    is_plain = all(_TOP_LEVEL.fullmatch(each) for each in (*written, *chosen))
    is_reserved = any(each.upper() in tables.AWS_KEYWORDS for each in written)
    is_twice = len(set(chosen)) < len(chosen)
    return tuple(chosen) if is_plain and not is_reserved and not is_twice else ()
