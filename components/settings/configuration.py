"""Reads a model of settings from Pulumi's configuration; an error names key, value and limits."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import get_config
from pulumi.runtime.config import CONFIG
from pydantic import SecretStr, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from components.settings.account_guard import check_environment, check_stack
from components.settings.environment import ENVIRONMENT_VARIABLES, overrides
from components.settings.sections import Section
from components.settings.settings import Settings, SettingsError

PROJECT = "goal-mandala"

_Model = TypeVar("_Model", bound=Section)


def key(field: str, project: str = PROJECT) -> str:
    """A field's key in the configuration; the environment is the stack's name instead."""
    own = {"environment": "the stack's name", "region": "aws:region"}
    return own.get(field) or f"{project}:{to_camel(field)}"


_KEYS = {field: key(field) for field in Settings.model_fields}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of the current stack; raises SettingsError with all that is wrong."""
    texts = configured(_KEYS)
    check_stack(texts["environment"], get_config("aws:defaultTags"))
    return parse(texts, environ)


def parse(texts: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Settings from the configuration's texts, by field, and the environment's variables.

    Raises SettingsError with all that is wrong.
    """
    settings = validated(Settings, texts, _KEYS, overrides(environ))
    check_environment(settings.names, environ)
    return settings


def configured(keys: Mapping[str, str]) -> dict[str, str]:
    """Field -> text of the current stack's configuration, by field -> key.

    Raises SettingsError for a key of this project that is none of them.
    """
    unknown = {each for each in CONFIG.get() if each.startswith(PROJECT)} - set(keys.values())
    if unknown:
        known = sorted(each for each in keys.values() if ":" in each)
        raise SettingsError(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    texts = {field: get_config(key) for field, key in keys.items() if field != "environment"}
    found = {field: text for field, text in texts.items() if text is not None}
    return {**found, "environment": pulumi.get_stack()}


def validated(
    model: type[_Model],
    texts: Mapping[str, str],
    keys: Mapping[str, str],
    overridden: Mapping[str, str] | None = None,
) -> _Model:
    """The model of these texts, by field; `overridden`: texts that take precedence.

    Raises SettingsError with all that is wrong.
    """
    variables = overridden or {}
    values = {to_camel(f): _value(model, f, text) for f, text in {**texts, **variables}.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        lines = [_problem(model, each, keys, variables) for each in problems]
        raise SettingsError("\n".join(lines)) from None


def _value(model: type[Section], field: str, text: str) -> Any:
    """Numbers, lists and objects are JSON in the configuration; a text stays as it is."""
    if _has_type(model, field, str) or _has_type(model, field, SecretStr):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text  # the model refuses it with what it takes instead


def _problem(
    model: type[Section],
    problem: ErrorDetails,
    keys: Mapping[str, str],
    overridden: Mapping[str, str],
) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    field = next(each for each in model.model_fields if to_camel(each) == problem["loc"][0])
    path = ".".join([keys[field], *map(str, problem["loc"][1:])])
    is_secret = _has_type(model, field, SecretStr)
    if problem["type"] == "missing" and is_secret:
        variable = ENVIRONMENT_VARIABLES[field]
        return f"{path} is missing: pulumi config set --secret {path}, or set {variable}"
    if problem["type"] == "missing":
        return f"{path} is missing: pulumi config set --path {path}"
    value = "(secret)" if is_secret else repr(problem["input"])
    origin = f"{ENVIRONMENT_VARIABLES[field]}, over {path}," if field in overridden else path
    return f"{origin} = {value}: {message}"


def _has_type(model: type[Section], field: str, type_: type) -> bool:
    return model.model_fields[field].annotation is type_
