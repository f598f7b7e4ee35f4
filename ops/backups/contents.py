"""What an archive holds beside the items: code, definitions, aliases, settings, table's form."""

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any, cast
from urllib.request import urlopen

import yaml

from components.names import ALIAS
from components.settings import STATE_MACHINE_PIN
from declared.program import ROOT
from handlers.contract.functions import FUNCTIONS
from ops.backups.table_form import read_form
from ops.problems import OperatorError
from ops.stack import Stack

ALIASES = "aliases.json"
SETTINGS = "settings.json"
TABLE = "table.json"
_CONFIGURATION = ("Handler", "Runtime", "Timeout", "MemorySize", "Architectures", "CodeSha256")
_CLI_SECONDS = 60

Members = Iterator[tuple[str, list[bytes]]]


def function_member(name: str) -> str:
    """The member with a function's configuration."""
    return f"functions/{name}.json"


def definition_member(version: int) -> str:
    """The member with the definition of the state machine's version."""
    return f"state-machine/{version}.json"


def read_contents(stack: Stack) -> Members:
    """The members. Raises OperatorError for code that does not have the checksum AWS states."""
    aliases = dict[str, dict[str, float]]()
    packages = set[str]()
    for spec in FUNCTIONS:
        versions = _function_versions(stack, stack.names.function(spec))
        aliases[spec.name] = versions
        live = max(versions, key=lambda version: versions[version])
        held = stack.client("lambda").get_function(
            FunctionName=stack.names.function(spec), Qualifier=live
        )
        configuration = held["Configuration"]
        sha256 = base64.b64decode(configuration["CodeSha256"]).hex()
        package = f"code/{sha256}.zip"
        yield function_member(spec.name), _json(_described(configuration, live, package))
        if package not in packages:
            packages.add(package)
            yield package, [_code(spec.name, held["Code"]["Location"], sha256)]
    aliases[STATE_MACHINE_PIN] = _machine_versions(stack)
    for version in aliases[STATE_MACHINE_PIN]:
        yield definition_member(int(version)), [_definition(stack, version).encode()]
    yield ALIASES, _json(aliases)
    yield TABLE, _json(read_form(stack.client("dynamodb"), stack.names.table).as_json())
    outputs, note = read_outputs(stack)
    settings = {"config": config_without_secrets(stack.names.environment), "outputs": outputs}
    yield SETTINGS, _json({**settings, "note": note})


def config_without_secrets(stack: str) -> dict[str, Any]:
    """The stack file's configuration; what Pulumi has encrypted is left out."""
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    return _plain(yaml.safe_load(text).get("config") or {})


def commit() -> str | None:
    """The checkout's commit; None if it is no Git checkout."""
    git = shutil.which("git")
    if git is None:
        return None
    shown = subprocess.run(
        [git, "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return shown.stdout.strip() or None


def _function_versions(stack: Stack, name: str) -> dict[str, float]:
    alias = stack.client("lambda").get_alias(FunctionName=name, Name=ALIAS)
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return {alias["FunctionVersion"]: 1 - sum(weights.values()), **weights}


def _machine_versions(stack: Stack) -> dict[str, float]:
    routes: list[dict[str, Any]] = stack.client("stepfunctions").describe_state_machine_alias(
        stateMachineAliasArn=stack.names.state_machine_alias_arn
    )["routingConfiguration"]
    return {
        each["stateMachineVersionArn"].rpartition(":")[2]: each["weight"] / 100 for each in routes
    }


def _definition(stack: Stack, version: str) -> str:
    arn = f"{stack.names.state_machine_arn}:{version}"
    machine = stack.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return machine["definition"]


def _described(configuration: dict[str, Any], version: str, package: str) -> dict[str, Any]:
    """Without the values of variables: somebody may have put a secret into one."""
    variables: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return {
        "version": version,
        "code": package,
        **{name: configuration.get(name) for name in _CONFIGURATION},
        "variables": sorted(variables),
    }


def _code(name: str, location: str, sha256: str) -> bytes:
    with urlopen(location, timeout=60) as reply:  # noqa: S310 - AWS's own answer
        code = reply.read()
    found = hashlib.sha256(code).hexdigest()
    if found != sha256:
        raise OperatorError(
            f"the code that Lambda serves for {name} has SHA-256 {found}, its CodeSha256 is"
            f" {sha256}: back up again, and look at the function if it stays so"
        )
    return code


def read_outputs(stack: Stack) -> tuple[dict[str, Any], str]:
    """The stack's outputs, without secrets; and why there are none."""
    if stack.outputs is not None:
        return dict(stack.outputs), ""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return {}, "outputs are left out: the Pulumi CLI is not installed"
    asked = [pulumi, "stack", "output", "--json", "--stack", stack.names.environment]
    try:
        shown = subprocess.run(
            asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=_CLI_SECONDS
        )
    except subprocess.CalledProcessError as error:
        why = error.stderr.strip().splitlines()
        return {}, f"outputs are left out: {why[-1] if why else 'pulumi stack output failed'}"
    except subprocess.TimeoutExpired:
        return {}, f"outputs are left out: pulumi did not answer within {_CLI_SECONDS} s"
    return json.loads(shown.stdout), ""


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        held_items = cast("list[Any]", value)
        return [_plain(each) for each in held_items if not _is_secret(each)]
    if not isinstance(value, dict):
        return value
    held = cast("dict[str, Any]", value)
    return {name: _plain(each) for name, each in held.items() if not _is_secret(each)}


def _is_secret(value: Any) -> bool:
    """Whether Pulumi has encrypted a value of a stack file."""
    return isinstance(value, dict) and "secure" in value


def _json(value: Any) -> list[bytes]:
    return [json.dumps(value, indent=2, sort_keys=True, default=str, ensure_ascii=False).encode()]
