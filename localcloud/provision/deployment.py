"""A deployment: creates what the program declares and holds each service to it."""

import json
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import FileArchive

from declared.program import DeclaredResource
from localcloud.cluster.state import ACCOUNT_ID, LocalCloudError
from localcloud.provision.comparison import Difference, differences
from localcloud.provision.gaps import KNOWN_GAPS, Gap
from localcloud.provision.local_function import FUNCTION, LocalRuntime
from localcloud.provision.patience import tried_again
from localcloud.provision.provisioner import Clients, Properties, Provisioner
from localcloud.provision.services.tagging import change_tags
from localcloud.provision.table import PROVISIONERS

_OUR_ARN = re.compile(rf"arn:aws:[a-z0-9-]+:[a-z0-9-]*:{ACCOUNT_ID}:(?!root)[^\s\"',\\}}\])]+")
_SHOWN_CHARACTERS = 200
_GONE = ("NotFound", "NoSuchEntity", "NonExistentQueue", "DoesNotExist")
"""In the error codes of AWS's services."""


class RealiseError(LocalCloudError):
    """What the program declares cannot be created here, or is not held as declared."""


class Deployment:
    """Called for one declared resource after another (`program.Provision`)."""

    def __init__(
        self, clients: Clients, runtime: LocalRuntime, patience_seconds: float = 0.0
    ) -> None:
        self._clients = clients
        self._runtime = runtime
        self._patience = patience_seconds
        self._arns: set[str] = set()
        self._mentioned: dict[str, str] = {}
        self._met: set[Gap] = set()
        self._held: set[Gap] = set()
        self.error: RealiseError | None = None

    def __call__(self, resource: DeclaredResource) -> tuple[str, Properties]:
        """Create it and read it back; its id and outputs. Raises RealiseError, and keeps it."""
        try:
            return self._realise(resource)
        except RealiseError as error:
            self.error = error
            raise

    @property
    def known_gaps(self) -> tuple[str, ...]:
        """The known gaps that this deployment met."""
        return tuple(sorted(f"{gap.type} {gap.path}: {gap.reason}" for gap in self._met))

    @property
    def closed_gaps(self) -> tuple[str, ...]:
        """Known gaps of which every declared property was held: take them off the list."""
        return tuple(sorted(f"{gap.type} {gap.path}" for gap in self._held - self._met))

    def check_computed_arns(self) -> None:
        """Raise RealiseError for an ARN of ours, in any property, that nothing created has."""
        services = {_service(arn) for arn in self._arns}
        strangers = {
            arn: name
            for arn, name in self._mentioned.items()
            # of the other services nothing is declared: Bedrock's profiles, alarms to come
            if _service(arn) in services and not is_of(arn, self._arns)
        }
        if strangers:
            lines = [f"  {arn} in {name}" for arn, name in sorted(strangers.items())]
            raise RealiseError(
                "The program computes ARNs that nothing it declares has:\n" + "\n".join(lines)
            )

    def update(self, resource: DeclaredResource, resource_id: str, old: Properties) -> Properties:
        """Change what was created as `old` declares; its outputs. Raises RealiseError."""
        declared, before = (
            self._local(resource.type, resource.inputs),
            self._local(resource.type, old),
        )
        provisioner = self._realiser(resource)
        if provisioner.update is None:
            raise RealiseError(f"{resource.name}: a {resource.type} is replaced, never changed")
        with _named(resource):
            if (tags := declared.get("tags", {})) != before.get("tags", {}):
                held = provisioner.read(self._clients, resource_id, before)
                change_tags(self._clients, resource.type, resource_id, held, tags)
            change = partial(provisioner.update, self._clients, resource_id, declared, before)
            tried_again(resource.type, "update", self._patience, change)
        return self._held_outputs(resource, resource_id, declared)

    def read(self, resource: DeclaredResource, resource_id: str) -> Properties | None:
        """What is held of a resource that was created as declared; None if it is gone."""
        provisioner = self._realiser(resource)
        try:
            with _named(resource):
                declared = self._local(resource.type, resource.inputs)
                return provisioner.read(self._clients, resource_id, declared)
        except StopIteration:  # no longer in its service's list
            return None
        except RealiseError as error:
            if _is_gone(error.__cause__):
                return None
            raise

    def delete(self, resource: DeclaredResource, resource_id: str) -> None:
        """End a resource that was created as declared, if it is still there."""
        provisioner = self._realiser(resource)
        try:
            with _named(resource):
                inputs = _with_whole_numbers(resource.inputs)
                delete = partial(provisioner.delete, self._clients, resource_id, inputs)
                tried_again(resource.type, "delete", self._patience, delete)
        except RealiseError as error:
            if not _is_gone(error.__cause__):
                raise

    def _realise(self, resource: DeclaredResource) -> tuple[str, Properties]:
        provisioner = self._realiser(resource)
        declared = self._local(resource.type, resource.inputs)
        with _named(resource):
            create = partial(provisioner.create, self._clients, declared)
            resource_id = tried_again(resource.type, "create", self._patience, create)
        return resource_id, self._held_outputs(resource, resource_id, declared)

    def _held_outputs(
        self, resource: DeclaredResource, resource_id: str, declared: Properties
    ) -> Properties:
        with _named(resource):
            held = self._realiser(resource).read(self._clients, resource_id, declared)
        self._compare(resource, declared, held)
        self._remember(resource, declared, held)
        return _outputs(resource.inputs, held)

    def _realiser(self, resource: DeclaredResource) -> Provisioner:
        provisioner = PROVISIONERS.get(resource.type)
        if provisioner is None:
            raise RealiseError(
                f"{resource.name}: the embedded cloud has no provisioner for {resource.type}; "
                "add one to localcloud/provision/table.py"
            )
        return provisioner

    def _local(self, type_: str, inputs: Properties) -> Properties:
        declared = cast("Properties", _with_whole_numbers(inputs))
        return self._runtime.rewritten(declared) if type_ == FUNCTION else declared

    def _compare(self, resource: DeclaredResource, declared: Properties, held: Properties) -> None:
        unexpected: list[Difference] = []
        different: set[Gap] = set()
        for difference in differences(declared, held):
            gap = _gap(resource.type, difference.path)
            if gap:
                different.add(gap)
            else:
                unexpected.append(difference)
        if unexpected:
            raise RealiseError(_not_held(resource, unexpected))
        self._met |= different
        self._held |= {
            gap
            for gap in KNOWN_GAPS
            if gap.type == resource.type and gap not in different and _declares(declared, gap.path)
        }

    def _remember(self, resource: DeclaredResource, declared: Properties, held: Properties) -> None:
        arns = (held.get(name) for name in ("arn", "executionArn", "stateMachineVersionArn"))
        self._arns.update(arn for arn in arns if arn)
        for arn in _OUR_ARN.findall(_as_text(declared)):
            self._mentioned.setdefault(arn, resource.name)


@contextmanager
def _named(resource: DeclaredResource) -> Generator[None]:
    """Let the error of a call name the resource that it was for."""
    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:
        raise RealiseError(f"{resource.name} ({resource.type}): {error}") from error


def _is_gone(error: BaseException | None) -> bool:
    return isinstance(error, ClientError) and any(
        word in error.response.get("Error", {}).get("Code", "") for word in _GONE
    )


def _gap(type_: str, path: str) -> Gap | None:
    return next((gap for gap in KNOWN_GAPS if gap.covers(type_, path)), None)


def _declares(declared: Properties, path: str) -> bool:
    value: Any = declared
    for name in path.split("."):
        value = cast("Properties", value).get(name) if isinstance(value, dict) else None
    return value is not None


def _outputs(inputs: Properties, held: Properties) -> Properties:
    """What the inputs do not tell: a declared property reads to the program as declared."""
    return {name: value for name, value in held.items() if name not in inputs and value is not None}


def _with_whole_numbers(value: Any) -> Any:
    """Pulumi's protocol knows floats alone; what is whole was declared as such."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        properties = cast("Properties", value)
        return {name: _with_whole_numbers(each) for name, each in properties.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(each) for each in cast("list[Any]", value)]
    return value


def _not_held(resource: DeclaredResource, unexpected: Iterable[Difference]) -> str:
    secret = resource.secret_inputs
    lines = [f"{resource.name} ({resource.type}) is not held as declared:"]
    for each in unexpected:
        hidden = re.split(r"[.\[]", each.path, maxsplit=1)[0] in secret
        declared, held = ("(secret)",) * 2 if hidden else (_shown(each.declared), _shown(each.held))
        lines.append(f"  {each.path}: declared {declared}, held {held}")
    lines.append("Provision it, or list it with its reason in localcloud/provision/gaps.py.")
    return "\n".join(lines)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(map(_as_text, cast("Properties", value).values()))
    if isinstance(value, list):
        return "\n".join(map(_as_text, cast("list[Any]", value)))
    return "" if isinstance(value, FileArchive) else str(value)


def _service(arn: str) -> str:
    return arn.split(":")[2]


def is_of(arn: str, arns: set[str]) -> bool:
    """Whether it is an ARN of one of these, of a part of it, or a pattern for them.

    Parts are a log group's streams, a table's indexes, a function's versions, an API's routes, a
    machine's executions.
    """
    of_machine = arn.replace(":execution:", ":stateMachine:")
    return any(
        arn == known
        or arn.startswith((f"{known}:", f"{known}/"))
        or of_machine.startswith(f"{known}:")
        or fnmatchcase(known, arn)
        for known in arns
    )
