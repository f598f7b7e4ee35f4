"""The pack's tables of the handlers are what the handlers' code says."""

import ast
import importlib
from pathlib import Path

import pytest

from components.compute.states_language import DYNAMODB_TRANSIENT
from components.iam.function_policies import ADMISSION_ACTIONS, TABLE_ACTIONS
from components.iam.function_policies import SECRETS as SECRETS_OF_CONTRACT
from declared.program import ROOT
from handlers.contract.environment import Env, variables_of
from handlers.contract.errors import THROTTLED_ERRORS, TRANSIENT_ERRORS
from handlers.contract.events import StepEvent
from handlers.contract.functions import FUNCTIONS, FunctionSpec
from handlers.contract.statuses import ActionStatus
from policies.rules.expected.entries import (
    ANSWERS,
    NEEDED,
    OPTIONAL,
    SECRETS,
    VARIABLES,
    handler_of,
)
from policies.rules.grants.by_function import BY_FUNCTION
from policies.rules.grants.needed import ADMISSION, ITEMS
from policies.rules.wiring.items import ATTRIBUTES, STATUSES
from policies.rules.wiring.retries import OF_TABLE, THROTTLED, TRANSIENT

HANDLERS = ROOT / "handlers"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_function_needs_the_variables_of_the_contract(function: FunctionSpec) -> None:
    assert VARIABLES[function.name] == {each.name for each in variables_of(function)}
    assert handler_of(function.name) == function.handler


def test_the_tables_have_the_workflows_functions_only() -> None:
    names = {function.name for function in FUNCTIONS}
    assert set(VARIABLES) == names
    assert set(NEEDED) | set(OPTIONAL) | set(ANSWERS) <= names


def test_a_function_needs_the_items_that_its_role_is_for() -> None:
    assert {function.name: actions for function, actions in TABLE_ACTIONS.items()} == ITEMS
    assert ADMISSION_ACTIONS == ADMISSION


def test_every_function_has_a_row_of_what_it_may_do() -> None:
    assert set(BY_FUNCTION) == {function.name for function in FUNCTIONS}


def test_the_secrets_are_those_of_the_contract() -> None:
    assert {variable.name: end for variable, end in SECRETS_OF_CONTRACT.items()} == SECRETS


def _modules(entry: Path) -> set[Path]:
    """The modules of `handlers` that an entry imports, at any depth and anywhere in a module."""
    pending, seen = [entry], set[Path]()
    while pending:
        path = pending.pop()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            named: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                named = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
            elif isinstance(node, ast.Import):
                named = [each.name for each in node.names]
            pending += [
                ROOT / f"{each.replace('.', '/')}.py" for each in named if each.startswith("handl")
            ]
    return seen


def _read(path: Path) -> set[str]:
    """The variables that a module reads as `env.NAME`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "env"
    }


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_the_code_of_a_function_reads_each_of_its_variables(function: FunctionSpec) -> None:
    read = set[str]().union(*map(_read, _modules(HANDLERS / f"{function.module}.py")))
    of_every_function = frozenset[str].intersection(*VARIABLES.values())
    assert read >= VARIABLES[function.name] - of_every_function


def test_every_variable_that_handlers_read_is_in_the_table() -> None:
    read = set[str]().union(*(_read(path) for path in HANDLERS.rglob("*.py")))
    assert read == set[str]().union(*VARIABLES.values())
    assert read <= set(vars(Env))


def _event(name: str) -> type[StepEvent]:
    module = importlib.import_module(handler_of(name).removesuffix(".handler"))
    (found,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, StepEvent)
        and each.__module__ == module.__name__
    ]
    return found


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_step_takes_the_fields_of_its_event(name: str) -> None:
    fields = _event(name).fields.values()
    needed = {each.name for each in fields if each.required}
    assert NEEDED[name] == needed
    assert OPTIONAL[name] == {each.name for each in fields} - needed


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_step_answers_with_the_fields_that_its_docstring_names(name: str) -> None:
    module = importlib.import_module(handler_of(name).removesuffix(".handler"))
    text = str(vars(module)["handler"].__doc__)
    for field in ANSWERS[name]:
        assert field in text.partition("->")[2], field


def test_the_retried_errors_are_those_of_the_contract() -> None:
    assert set(THROTTLED_ERRORS) == THROTTLED
    assert set(TRANSIENT_ERRORS) == TRANSIENT
    assert set(DYNAMODB_TRANSIENT) == OF_TABLE


def test_the_statuses_are_those_of_work_items() -> None:
    assert {status.value for status in ActionStatus} == STATUSES


def _keys_of(function: str) -> set[str]:
    """The keys that a function of the items' format reads: `item["key"]`, `item.get("key")`."""
    tree = ast.parse((HANDLERS / "storage" / "work_item_format.py").read_text())
    (body,) = [each for each in tree.body if getattr(each, "name", "") == function]
    texts = [node.slice for node in ast.walk(body) if isinstance(node, ast.Subscript)]
    texts += [
        node.args[0]
        for node in ast.walk(body)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
    ]
    return {str(each.value) for each in texts if isinstance(each, ast.Constant)}


def test_the_attributes_are_those_that_handlers_read_of_a_work_item() -> None:
    assert (
        set[str]().union(*map(_keys_of, ("_progress_values", "work_item", "error_code", "usage")))
        == ATTRIBUTES
    )
