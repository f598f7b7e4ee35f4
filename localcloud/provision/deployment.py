"""A deployment: creates what the program declares, reads it back and compares."""

import json
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from declared.resources import DeclaredResource
from localcloud.errors import LocalCloudError
from localcloud.provision.comparison import Difference, differences
from localcloud.provision.computed_arns import ComputedArns
from localcloud.provision.known_gaps import KNOWN_GAPS, Gap
from localcloud.provision.local_function import FUNCTION, LocalRuntime
from localcloud.provision.patience import tried_again
from localcloud.provision.provisioner import Clients, Properties, Provisioner
from localcloud.provision.services.tagging import change_tags
from localcloud.provision.table import PROVISIONERS

_SHOWN_CHARACTERS = 200
_GONE = ("NotFound", "NoSuch", "NonExistentQueue", "DoesNotExist", "404")
"""Parts of the error codes by which AWS's services report a missing resource."""


class ProvisionError(LocalCloudError):
    """A declared resource cannot be created, or is not held as declared."""


class Deployment:
    """Provisions one declared resource after another (a `declared.program.Provision`)."""

    def __init__(
        self, clients: Clients, runtime: LocalRuntime, patience_seconds: float = 0.0
    ) -> None:
        self._clients = clients
        self._runtime = runtime
        self._patience = patience_seconds
        self._arns = ComputedArns()
        self._open_gaps: set[Gap] = set()
        self._unneeded_gaps: set[Gap] = set()
        self.error: ProvisionError | None = None

    def __call__(self, resource: DeclaredResource) -> tuple[str, Properties]:
        """Create a resource and read it back; returns its id and outputs.

        Raises ProvisionError, which stays in `error` too.
        """
        try:
            return self._create(resource)
        except ProvisionError as error:
            self.error = error
            raise

    @property
    def known_gaps(self) -> tuple[str, ...]:
        """The known gaps in which this deployment differs from its declaration."""
        return tuple(sorted(f"{gap.type} {gap.path}: {gap.reason}" for gap in self._open_gaps))

    @property
    def closed_gaps(self) -> tuple[str, ...]:
        """Known gaps that are none any more: every declared property was held."""
        return tuple(
            sorted(f"{gap.type} {gap.path}" for gap in self._unneeded_gaps - self._open_gaps)
        )

    def check_computed_arns(self) -> None:
        """Raise ProvisionError if a property names an ARN of this account that no resource has."""
        if unknown := self._arns.unknown():
            lines = [f"  {arn} in {name}" for arn, name in sorted(unknown.items())]
            raise ProvisionError(
                "The program names ARNs that none of its resources has:\n" + "\n".join(lines)
            )

    def update(self, resource: DeclaredResource, resource_id: str, old: Properties) -> Properties:
        """Change a resource from its `old` inputs; returns its outputs. Raises ProvisionError."""
        declared, before = (
            self._local(resource.type, resource.inputs),
            self._local(resource.type, old),
        )
        provisioner = self._provisioner(resource)
        if provisioner.update is None:
            raise ProvisionError(f"{resource.name}: a {resource.type} can only be replaced")
        with _errors_of(resource):
            if (tags := declared.get("tags", {})) != before.get("tags", {}):
                held = provisioner.read(self._clients, resource_id, before)
                change_tags(self._clients, resource.type, resource_id, held, tags)
            change = partial(provisioner.update, self._clients, resource_id, declared, before)
            tried_again(resource.type, "update", self._patience, change)
        return self._read_back(resource, resource_id, declared)

    def read(self, resource: DeclaredResource, resource_id: str) -> Properties | None:
        """What the service holds of a resource; None if it is gone."""
        provisioner = self._provisioner(resource)
        try:
            with _errors_of(resource):
                declared = self._local(resource.type, resource.inputs)
                return provisioner.read(self._clients, resource_id, declared)
        except StopIteration:  # no longer in the service's list
            return None
        except ProvisionError as error:
            if _is_gone(error.__cause__):
                return None
            raise

    def delete(self, resource: DeclaredResource, resource_id: str) -> None:
        """Delete a resource, if it still exists."""
        provisioner = self._provisioner(resource)
        try:
            with _errors_of(resource):
                inputs = _with_whole_numbers(resource.inputs)
                delete = partial(provisioner.delete, self._clients, resource_id, inputs)
                tried_again(resource.type, "delete", self._patience, delete)
        except ProvisionError as error:
            if not _is_gone(error.__cause__):
                raise

    def _create(self, resource: DeclaredResource) -> tuple[str, Properties]:
        provisioner = self._provisioner(resource)
        declared = self._local(resource.type, resource.inputs)
        with _errors_of(resource):
            create = partial(provisioner.create, self._clients, declared)
            resource_id = tried_again(resource.type, "create", self._patience, create)
        return resource_id, self._read_back(resource, resource_id, declared)

    def _read_back(
        self, resource: DeclaredResource, resource_id: str, declared: Properties
    ) -> Properties:
        with _errors_of(resource):
            held = self._provisioner(resource).read(self._clients, resource_id, declared)
        self._compare(resource, declared, held)
        self._arns.add(resource.name, declared, held)
        return _outputs(resource.inputs, held)

    def _provisioner(self, resource: DeclaredResource) -> Provisioner:
        provisioner = PROVISIONERS.get(resource.type)
        if provisioner is None:
            raise ProvisionError(
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
            raise ProvisionError(_difference_text(resource, unexpected))
        self._open_gaps |= different
        self._unneeded_gaps |= {
            gap
            for gap in KNOWN_GAPS
            if gap.type == resource.type and gap not in different and _declares(declared, gap.path)
        }


@contextmanager
def _errors_of(resource: DeclaredResource) -> Generator[None]:
    """Name the resource in the error of a call."""
    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ProvisionError(f"{resource.name} ({resource.type}): {error}") from error


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
    """The properties that are no inputs; for the others the program sees its own inputs."""
    return {name: value for name, value in held.items() if name not in inputs and value is not None}


def _with_whole_numbers(value: Any) -> Any:
    """Whole floats as integers: Pulumi's protocol has only floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        properties = cast("Properties", value)
        return {name: _with_whole_numbers(each) for name, each in properties.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(each) for each in cast("list[Any]", value)]
    return value


def _difference_text(resource: DeclaredResource, unexpected: Iterable[Difference]) -> str:
    secret = resource.secret_inputs
    lines = [f"{resource.name} ({resource.type}) is not held as declared:"]
    for each in unexpected:
        hidden = re.split(r"[.\[]", each.path, maxsplit=1)[0] in secret
        declared, held = ("(secret)",) * 2 if hidden else (_shown(each.declared), _shown(each.held))
        lines.append(f"  {each.path}: declared {declared}, held {held}")
    lines.append("Provision it, or list it with the reason in localcloud/provision/known_gaps.py.")
    return "\n".join(lines)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
