"""An AWS provider whose cloud is a file: what exists, by type and name, and nothing else of AWS.

It creates whole stacks with every option in seconds, also of types that the emulator has not. As
AWS does it refuses a second resource of a name, and it keeps what the engine does not delete. A
file `refuse` beside it names resources that cannot be created.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from pulumi.runtime.proto import provider_pb2

from declared.computed_outputs import computed_outputs
from declared.resources import DeclaredResource
from localcloud.errors import LocalCloudError
from localcloud.provision.provider import AwsProvider, serve
from localcloud.provision.target import ProviderTarget, target_of_this_process
from localcloud.provision.wire import plain, state_of, struct

_RETAINED = (
    "aws:backup/vault:Vault",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cognito/userGroup:UserGroup",
    "aws:cognito/userPool:UserPool",
    "aws:cognito/userPoolClient:UserPoolClient",
    "aws:dynamodb/table:Table",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
)
"""Types that prod retains where it is destroyed."""

_UNIQUE = {
    "aws:backup/vault:Vault": "name",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:dynamodb/table:Table": "name",
    "aws:s3/bucket:Bucket": "bucket",
}
"""Those of them of which AWS refuses a second one of a name -> the input that is the name."""


class FileCloud:
    """The resources of an account, in a file. It has the methods of a Deployment."""

    def __init__(self, folder: Path, account: str) -> None:
        self._file = folder / "resources.json"
        self._refused = folder / "refuse"
        self._computed = computed_outputs(account, "ap-northeast-1")

    def __call__(self, resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
        if self._refused.exists() and resource.name in self._refused.read_text().split():
            raise LocalCloudError(f"{resource.name}: refused")
        resource_id, outputs = self._outputs(resource)
        held = self.held()
        if resource.type in _UNIQUE and resource_id in held:
            raise LocalCloudError(f"{resource.name}: ResourceInUseException: {resource_id} exists")
        self._write({**held, resource_id: {"type": resource.type}})
        return resource_id, outputs

    def _outputs(self, resource: DeclaredResource) -> tuple[str, dict[str, Any]]:
        """The id and the outputs in AWS's form."""
        computed, outputs = self._computed(resource)
        resource_id = computed
        if resource.type in _UNIQUE:
            resource_id = resource.inputs[_UNIQUE[resource.type]]
        if resource.type == "aws:cognito/userPool:UserPool":
            resource_id = f"ap-northeast-1_{computed.replace('-', '')[:9]}"
        if resource.type == "aws:cognito/userPoolClient:UserPoolClient":
            resource_id = computed.replace("-", "")
        if resource.type == "aws:cognito/userGroup:UserGroup":
            resource_id = f"{resource.inputs['userPoolId']}/{resource.inputs['name']}"
        outputs = json.loads(json.dumps(outputs).replace(computed, resource_id))
        return resource_id, {**outputs, **_version(resource, outputs)}

    def update(
        self, resource: DeclaredResource, resource_id: str, _: dict[str, Any]
    ) -> dict[str, Any]:
        """Change a resource."""
        return self._outputs(resource)[1]

    def delete(self, resource: DeclaredResource, resource_id: str) -> None:
        """Delete a resource."""
        self._write({key: each for key, each in self.held().items() if key != resource_id})

    def remember(self, resource_id: str, inputs: dict[str, Any]) -> None:
        """Keep what a resource was created with, for an import."""
        held = self.held()
        self._write({**held, resource_id: {**held[resource_id], "inputs": inputs}})

    def held(self) -> dict[str, dict[str, Any]]:
        """What exists: id -> its type and, where prod retains it, its inputs."""
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def _write(self, held: dict[str, dict[str, Any]]) -> None:
        # another thread may read meanwhile
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(held))
        new.replace(self._file)


def _version(resource: DeclaredResource, outputs: dict[str, Any]) -> dict[str, Any]:
    """A version that changes with what the resource publishes."""
    published = json.dumps(resource.inputs, default=str, sort_keys=True)
    number = str(int(hashlib.sha256(published.encode()).hexdigest()[:6], 16))
    if resource.type == "aws:lambda/function:Function":
        return {"version": number}
    if resource.type == "aws:sfn/stateMachine:StateMachine":
        return {"stateMachineVersionArn": f"{outputs['arn']}:{number}"}
    return {}


class ComputedProvider(AwsProvider):
    """The provider over a FileCloud."""

    def __init__(self, target: ProviderTarget) -> None:
        super().__init__(target)
        self._cloud = FileCloud(Path(target.packages), target.account)

    @cached_property
    def _deployment(self) -> Any:
        return self._cloud

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        response = super().Create(request, context)
        if not request.preview and request.type in _RETAINED:
            with self._one_at_a_time:
                self._cloud.remember(response.id, plain(request.properties))
        return response

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's name
        """The resource with this id; an empty answer says that there is none."""
        # a client is imported as POOL/CLIENT, and has the id CLIENT
        held = self._cloud.held()
        resource_id = request.id if request.id in held else request.id.rpartition("/")[2]
        found = held.get(resource_id, {})
        if found.get("type") != request.type:
            return provider_pb2.ReadResponse()
        declared = DeclaredResource(request.type, request.name, request.urn, "", found["inputs"])
        outputs = self._cloud.update(declared, resource_id, {})
        inputs = struct(found["inputs"])
        state = state_of(inputs, outputs=outputs)
        return provider_pb2.ReadResponse(id=resource_id, properties=state, inputs=inputs)


if __name__ == "__main__":
    serve(ComputedProvider(target_of_this_process()))
