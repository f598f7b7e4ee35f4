"""What is known of AWS's provider, type by type: the shape of the files in `types/`."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Operation = Literal["plan", "create", "read", "update", "delete"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


def _flat(value: Any) -> Any:
    """A list, of which parts may be lists themselves (YAML's aliases), as one."""
    if not isinstance(value, list | tuple):
        return [value]
    return [each for part in cast("list[Any]", value) for each in _flat(part)]


_Names = Annotated[tuple[str, ...], BeforeValidator(_flat)]
_Bounds = tuple[int | None, int | None]


class Perpetual(_Fact):
    """A value that AWS gives back otherwise: every update shows a difference.

    pattern: of such a value. because: what AWS does with it.
    """

    pattern: str
    because: str


class Property(_Fact):
    """What the provider checks of a property, and what it does when the property changes.

    pattern: searched for, not matched; says: the provider's words for it. length: in bytes of
    UTF-8, as Go counts. items: of a list. any_of: one of these suffices. conflicts, required_with,
    only_if: other properties of the resource. computed: AWS fills it in where the program says
    nothing. kept: a removed one stays as it was; so does a computed one. set: the order means
    nothing. same: what is no difference, besides equality. default: the provider's.
    """

    required: bool = False
    pattern: str | None = None
    says: str = ""
    length: _Bounds | None = None
    range: _Bounds | None = None
    multiple_of: int | None = None
    enum: tuple[str | int, ...] | None = None
    form: Literal["account", "arn", "base64", "https", "json", "policy", "time"] | None = None
    not_form: Literal["arn"] | None = None
    items: _Bounds | None = None
    any_of: "tuple[Property, ...]" = ()
    conflicts: _Names = ()
    required_with: _Names = ()
    only_if: Mapping[str, bool] = Field(default_factory=dict[str, bool])
    force_new: bool = False
    computed: bool = False
    kept: bool = False
    set: bool = False
    same: Literal["function", "json", "last_segment", "policy"] | None = None
    default: bool | int | str | None = None
    perpetual: Perpetual | None = None


class AutoNamed(_Fact):
    """A property that pulumi-aws makes of the Pulumi name, where the program does not give it.

    max: characters, before prefix and suffix. prefix: put in front where it is not there.
    suffix: by the property that asks for it.
    """

    property: str
    max: int
    prefix: str = ""
    suffix: Mapping[str, str] = Field(default_factory=dict[str, str])


class Request(_Fact):
    """Calls that are made under one condition.

    action: IAM's. resource: ARNs by which AWS judges each, with `{property}` for what the program
    says; without any, the type's own. given, absent, changed: properties that must be so; `*` is
    any but tags. keys: condition keys beyond tags. request_tags: the call carries the tags.
    """

    action: _Names
    resource: _Names = ()
    given: _Names = ()
    absent: _Names = ()
    changed: _Names = ()
    keys: Mapping[str, str] = Field(default_factory=dict[str, str])
    request_tags: bool = False

    @model_validator(mode="before")
    @classmethod
    def _actions_alone(cls, value: Any) -> Any:
        return {"action": cast("Any", value)} if isinstance(value, str | list) else value


class Retry(_Fact):
    """An error of AWS's that the provider takes as too early, and for how long it tries again."""

    code: str
    message: str = ""
    seconds: int
    during: tuple[Operation, ...] = ("create", "update", "delete")


class Renewal(_Fact):
    """Outputs that an update gives new values, if one of these properties changes."""

    outputs: tuple[str, ...]
    changed: _Names = ()
    given: _Names = ()


class TypeFacts(_Fact):
    """All that is known of a type of resource.

    source: in hashicorp/terraform-provider-aws (`internal/`) and pulumi/pulumi-aws (`provider/`),
    with the commit. verified: whether the lines were read. arn: what most calls are judged on.
    regional: has an input `region`, which replaces. rules: checks that are functions (`rules`).
    undescribed: inputs of which nothing is told here. waits, notes: for readers.
    """

    source: tuple[str, ...]
    verified: Literal["read", "partly", "memory"]
    auto_named: AutoNamed | None = None
    delete_before_replace: bool = False
    arn: str
    regional: bool = True
    tagged: bool = False
    exactly_one_of: tuple[tuple[str, ...], ...] = ()
    at_least_one_of: tuple[tuple[str, ...], ...] = ()
    rules: tuple[str, ...] = ()
    properties: dict[str, Property]
    undescribed: frozenset[str] = frozenset()
    renews: tuple[Renewal, ...] = ()
    calls: dict[Operation, tuple[Request, ...]]
    retries: tuple[Retry, ...] = ()
    waits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> "TypeFacts":
        properties = self.properties
        if self.regional:
            properties.setdefault("region", Property(force_new=True))
        if self.tagged:
            properties |= {"tags.*": Property(), "tagsAll.*": Property()}
        named = [self.auto_named.property] if self.auto_named else []
        for path, each in properties.items():
            named += [*each.conflicts, *each.required_with, *each.only_if]
            if each.says and not (each.pattern or each.not_form):
                raise ValueError(f"{path}: says is the words for a pattern, and there is none")
        for group in (*self.exactly_one_of, *self.at_least_one_of):
            named += group
        for request in self.requests():
            named += [*request.given, *request.absent, *request.changed]
        strangers = {
            name for name in named if name not in self.paths | self.undescribed | {"tags", "*"}
        }
        if strangers:
            raise ValueError(f"no property is called {', '.join(sorted(strangers))}")
        return self

    @cached_property
    def required(self) -> dict[str, tuple[str, ...]]:
        """The names that must be given, by the path of what they are a part of."""
        found: dict[str, tuple[str, ...]] = {}
        for path, each in self.properties.items():
            if each.required:
                whole, _, name = path.rpartition(".")
                found[whole] = (*found.get(whole, ()), name)
        return found

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every property's path, and the path of all that one is a part of."""
        return frozenset(part for path in self.properties for part in ancestry(path))

    def requests(self) -> Iterator[Request]:
        """All of them."""
        for requests in self.calls.values():
            yield from requests


def ancestry(path: str) -> Iterator[str]:
    """The path itself and what it is a part of: `a[].b` is part of `a[]`, and that of `a`."""
    while path:
        yield path
        path = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]
