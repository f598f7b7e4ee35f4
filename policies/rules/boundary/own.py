"""What is this stack's own: its account, its region, and what it declares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import pulumi
import pulumi.runtime

from policies import deployment_program
from policies.rules.boundary.allowed import GEOGRAPHIES
from policies.stack import resource_types
from policies.stack.references import Text, texts_at
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.unknown_reads import read_once
from policies.stack.values import parsed

STACK_REFERENCE = "pulumi:pulumi:StackReference"
_WITHOUT_ACCOUNT = ("apigateway", "execute-api", "s3")
_ARN_IS_INPUT = frozenset({resource_types.EVENT_TARGET, resource_types.TOPIC_POLICY})
"""Types whose `arn` names another resource."""

_WITH_ALIASES = (resource_types.FUNCTION, resource_types.MACHINE)

_INVOCATION_URI = (
    r"arn:aws:apigateway:(?P<region>[^:]+):lambda:path/[\d-]+/functions/(?P<function>arn:.+)"
    r"/(response-streaming-)?invocations"
)
"""What an integration calls (API Gateway API Reference: PutIntegration, uri)."""

_NOTHING = "nothing that the stack declares has this ARN"


@dataclass(frozen=True)
class Own:
    """A program's view of its stack."""

    graph: ResourceGraph
    project: str
    stack: str

    @classmethod
    def of(cls, graph: ResourceGraph) -> "Own":
        """The view of the program that declares the graph's resources."""
        first = next(iter(graph.resources), None)
        return cls(graph, first.project if first else "", first.stack if first else "")

    @cached_property
    def names(self) -> dict[str, str]:
        """What stands in the forms of `allowed` -> the stack's own."""
        return {
            "REGION": self.graph.region,
            "ACCOUNT": self.graph.account,
            "PROJECT": self.project,
            "STACK": self.stack,
        }

    @read_once
    def arns(self) -> dict[str, Resource]:
        """ARN -> resource: computed from names, and known since an earlier deployment."""
        known = {
            arn: resource
            for resource in self.graph.resources
            if resource.type not in _ARN_IS_INPUT
            for arn in (resource.read("arn"), resource.read("dashboardArn"))
            if isinstance(arn, str) and self._place_problem(arn) is None
        }
        return {**known, **self.graph.arns}

    @read_once
    def models(self) -> set[str]:
        """The model or inference profile that functions are told to call, or configured."""
        variables = (
            each.read("environment", "variables", "BEDROCK_MODEL")
            for each in self.graph.of(resource_types.FUNCTION)
        )
        configured = (self._config(":bedrockModel"), self._config(":bedrockProfileSource"))
        return {each for each in (*variables, *configured) if isinstance(each, str)}

    def is_pool(self, id_: str) -> bool:
        """Whether a user pool is the declared one, or the product's where none is declared."""
        return self._is_users(resource_types.USER_POOL, id_, "userPoolId")

    def is_client(self, id_: str, resource: Resource, property_: str) -> bool:
        """Whether a client of the user pool is declared, or the product's.

        Where the engine shows no client's id, the property has to come from a declared client.
        """
        sources = resource.sources.get(property_, ())
        clients = self.graph.of(resource_types.USER_POOL_CLIENT)
        is_made_of_one = any(each.urn in sources and each.read("id") is None for each in clients)
        return is_made_of_one or self._is_users(resource_types.USER_POOL_CLIENT, id_, "clientIds")

    def is_key(self, id_: str) -> bool:
        """Whether a key is declared."""
        return self._has_id(resource_types.KEY, id_)

    def _is_users(self, type_: str, id_: str, setting: str) -> bool:
        configured: Any = parsed(self._config(":cognito")) or {}
        known: Any = configured.get(setting, id_)
        is_known = id_ in known if isinstance(known, list) else id_ == known
        is_products = not any(self.graph.of(resource_types.USER_POOL)) and is_known
        return is_products or self._has_id(type_, id_)

    def is_api(self, id_: str) -> bool:
        """Whether an API is declared, or is that of the workflow that the configuration names."""
        is_beside = f"/{deployment_program.WORKFLOW}/" in (self._config(":workflowStack") or "")
        return is_beside or self._has_id(resource_types.API, id_)

    def is_stack(self, name: str) -> bool:
        """Whether the program may read another stack's exports: configured, or the same
        environment's of this organization."""
        config: dict[str, str] = dict(pulumi.runtime.get_config_env())
        *organization, _ = name.split("/")
        is_own = organization[:-1] in ([], [pulumi.get_organization()])
        return name in config.values() or (is_own and name.rpartition("/")[2] == self.stack)

    def _has_id(self, type_: str, id_: str) -> bool:
        """Whether AWS gave this id to a declared resource of a type.

        An id is unknown before the resource exists, and so is every text that it is in. The engine
        does not always show an id itself, but the ARN ends in it.
        """
        return any(
            id_ == each.read("id") or str(each.read("arn")).endswith(f"/{id_}")
            for each in self.graph.of(type_)
        )

    def _config(self, end: str) -> str | None:
        config: dict[str, str] = dict(pulumi.runtime.get_config_env())
        return next((value for key, value in config.items() if key.endswith(end)), None)

    def arn_problem(self, arn: str) -> str | None:
        """Why an ARN is not this stack's own; None if it is."""
        uri = re.fullmatch(_INVOCATION_URI, arn)
        if uri:
            is_own = uri["region"] == self.graph.region
            return self.arn_problem(uri["function"]) if is_own else f"it is of {uri['region']}"
        if re.match(r"arn:aws:bedrock:[^:]*::foundation-model/", arn):
            return self._model_problem(arn)
        problem = self._place_problem(arn)
        return problem or (None if self._is_declared(arn) else _NOTHING)

    def _place_problem(self, arn: str) -> str | None:
        _, partition, service, region, account, rest = (arn.split(":", 5) + [""] * 5)[:6]
        if not rest:
            return "it is not a whole ARN, so it cannot be judged"
        if partition != "aws":
            return f"it is of the partition {partition}"
        if account != self.graph.account and (account or service not in _WITHOUT_ACCOUNT):
            return f"it is of the account {account or '(none)'}"
        if region not in (self.graph.region, ""):
            return f"it is of the region {region}"
        return None

    def _model_problem(self, arn: str) -> str | None:
        region, name = arn.split(":")[3], arn.partition("/")[2]
        for model in self.models:
            geography, _, profiled = model.partition(".")
            beginning = GEOGRAPHIES.get(geography)
            if name == (model if beginning is None else profiled):
                is_behind = beginning is not None and region.startswith(beginning)
                is_near = is_behind or region in (self.graph.region, "")
                return None if is_near else f"{model} is not routed to the region {region}"
        # An application inference profile does not name its model, which may be configured.
        are_profiles = all(each.startswith("arn:") for each in self.models)
        return None if are_profiles else "no function is told to call this model"

    def _is_declared(self, arn: str) -> bool:
        _, _, service, _, _, rest = arn.split(":", 5)
        if service == "bedrock":
            return not self.models or arn in self.models or rest.partition("/")[2] in self.models
        if service == "execute-api":
            return self.is_api(rest.partition("/")[0])
        if service == "apigateway":
            named = re.match(r"/(?:apis|restapis)/([^/]+)", rest)
            return bool(named and self.is_api(named[1]))
        if service == "cognito-idp" and self.is_pool(rest.removeprefix("userpool/")):
            return True
        key = rest.removeprefix("key/")
        if service == "kms" and key != rest and self.is_key(key):
            return True
        is_execution = ":execution:" in arn
        arn = arn.replace(":execution:", ":stateMachine:").removesuffix("-??????")
        is_of = any(self._is_of(arn, base, is_execution=is_execution) for base in _bases(arn))
        return is_of or self._is_pattern(arn)

    def _is_of(self, arn: str, base: str, *, is_execution: bool) -> bool:
        """Whether an ARN is a declared resource's with this ARN, or of a part of it."""
        resource, part = self.arns.get(base), arn[len(base) + 1 :]
        if resource is None or not part:
            return resource is not None
        if resource.type == resource_types.TABLE:
            index = part.removeprefix("index/")
            indexes: Any = resource.read("globalSecondaryIndexes") or ()
            names = {"*", *(each["name"] for each in indexes)}
            return part.startswith(("backup/", "stream/")) or (index != part and index in names)
        if resource.type in _WITH_ALIASES and not is_execution:  # an alias has its own ARN
            return bool(re.fullmatch(r"\d+|\*|\$LATEST", part))
        return resource.type != resource_types.ROLE

    def _is_pattern(self, arn: str) -> bool:
        """Whether `*` stands after the stack's own prefix, and something is meant by it."""
        literal, star, rest = arn.partition("*")
        name = re.split(r"[:/]", literal)[-1]
        return (
            bool(star)
            and not rest.strip(":*")
            and name.startswith(f"{self.project}-{self.stack}-")
            and any(fnmatchcase(each, arn) for each in self.arns)
        )

    def host_problem(self, host: str, path: str) -> str | None:
        """Why a host with a path is not this stack's own; None if it is."""
        region, account = self.graph.region, self.graph.account
        if host in ("console.aws.amazon.com", f"{region}.console.aws.amazon.com"):
            others = set(re.findall(r"region=([a-z0-9-]+)", path)) - {region}
            return f"it shows the region {others.pop()}" if others else None
        if host == f"sqs.{region}.amazonaws.com":
            queue = path.removeprefix(f"/{account}/")
            is_own = queue != path and self.graph.named(resource_types.QUEUE, queue)
            return None if is_own else "no queue of the stack has this URL"
        if host == f"cognito-idp.{region}.amazonaws.com":
            is_own = self.is_pool(path.strip("/").partition("/")[0])
            return None if is_own else "the stack's user pool is another one"
        if any(host == each.read("domainName") for each in self.graph.of(resource_types.DOMAIN)):
            return None
        id_ = host.removesuffix(f".execute-api.{region}.amazonaws.com")
        if id_ != host:
            return None if self.is_api(id_) else "no API of the stack has this id"
        return "it is outside the stack"


def _bases(arn: str) -> Iterator[str]:
    """The beginnings of an ARN that a resource's own ARN may be, longest first."""
    yield arn
    yield from (arn[: each.start()] for each in reversed([*re.finditer(r"[:/]", arn)]))
    if re.search(r":secret:.+-\w{6}$", arn):
        yield arn[:-7]


def judged_texts(resource: Resource) -> Iterator[Text]:
    """The strings of a resource that the boundary judges.

    Left out are a secret's value, which only its readers see and no message may repeat, and the
    exports of another stack.
    """
    for name in resource.props:
        is_secret = resource.type == resource_types.SECRET_VERSION and name.startswith("secret")
        is_export = resource.type == STACK_REFERENCE and name != "name"
        if name == "secretId" or not (is_secret or is_export):
            yield from texts_at(resource.props, name)
