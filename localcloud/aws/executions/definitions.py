"""What AWS would refuse: LocalStack's parser (in moto) judges grammar, we the graph."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from threading import Lock
from typing import Any

from localcloud.aws.ministack import Json, Response, responses, states
from localcloud.aws.permissions.permissions import may_be_assumed

_parsing = Lock()
_create_state_machine = states._create_state_machine
_update_state_machine = states._update_state_machine


def create_state_machine(request: Json) -> Response:
    """CreateStateMachine; refuses an invalid definition and a role that does not trust states."""
    return _refusal(request) or _keep_tracing(request, _create_state_machine(request))


def update_state_machine(request: Json) -> Response:
    """UpdateStateMachine, with the same checks."""
    return _refusal(request) or _keep_tracing(request, _update_state_machine(request))


def problem(definition: str) -> str | None:
    """What makes a definition invalid; None if nothing does."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return f"INVALID_JSON_DESCRIPTION: {error}"
    return _grammar_problem(definition) or next(_graph_problems(machine, ""), None)


def _refusal(request: Json) -> Response | None:
    role_arn = request.get("roleArn")
    if role_arn and not may_be_assumed(role_arn):
        return responses.error_response_json(
            "AccessDeniedException",
            "Neither the global service principal states.amazonaws.com, nor the regional one is "
            f"authorized to assume the provided role: {role_arn}",
            400,
        )
    if "definition" in request and (invalid := problem(request["definition"])):
        message = f"Invalid State Machine Definition: '{invalid}'"
        return responses.error_response_json("InvalidDefinition", message, 400)
    return None


def _keep_tracing(request: Json, response: Response) -> Response:
    """MiniStack forgets whether a machine is traced."""
    status, _, body = response
    if status == HTTPStatus.OK and "tracingConfiguration" in request:
        arn = request.get("stateMachineArn") or json.loads(body)["stateMachineArn"]
        states._state_machines[arn]["tracingConfiguration"] = request["tracingConfiguration"]
    return response


def load_parser() -> Any:
    """LocalStack's parser: 1.3 s and 150 MB that serving does not wait for."""
    from moto.stepfunctions.parser.asl.parse.asl_parser import (  # noqa: PLC0415
        AmazonStateLanguageParser,
    )

    return AmazonStateLanguageParser


def _grammar_problem(definition: str) -> str | None:
    parser = load_parser()
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor  # noqa: PLC0415

    with _parsing:
        # all its parsers share this, and one that refuses leaves its own behind
        Preprocessor._query_language_per_scope.clear()  # pyright: ignore[reportPrivateUsage]
        try:
            parser.parse(definition)
        except Exception as error:
            return f"SCHEMA_VALIDATION_FAILED: {error}"
    return None


def _graph_problems(machine: Json, path: str) -> Iterator[str]:
    """Transitions to nowhere, states without an end or a way in; in Maps and Parallels too."""
    all_states: dict[str, Json] = machine["States"]
    reached = {machine["StartAt"]}
    for name, state in all_states.items():
        where = f"{path}/States/{name}"
        targets = _targets(state)
        reached |= targets
        if state["Type"] not in ("Choice", "Succeed", "Fail") and not ("Next" in state) ^ (
            "End" in state
        ):
            yield f"MISSING_TRANSITION_TARGET: {where} needs either Next or End"
        for child, inner in _inner_machines(state):
            yield from _graph_problems(inner, f"{where}/{child}")
    for target in sorted(reached - all_states.keys()):
        yield f"MISSING_TRANSITION_TARGET: there is no state {target} at {path}/States"
    for name in sorted(all_states.keys() - reached):
        yield f"MISSING_TRANSITION_TARGET: nothing leads to {path}/States/{name}"


def _targets(state: Json) -> set[str]:
    transitions = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return {each[key] for each in transitions for key in ("Next", "Default") if key in each}


def _inner_machines(state: Json) -> Iterator[tuple[str, Json]]:
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            yield key, state[key]
    for number, branch in enumerate(state.get("Branches", [])):
        yield f"Branches[{number}]", branch
