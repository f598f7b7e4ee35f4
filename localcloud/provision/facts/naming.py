"""The names that pulumi-aws gives where the program gives none."""

import hashlib
import secrets
from collections.abc import Sequence

from localcloud.provision.facts.check import Failure
from localcloud.provision.facts.model import AutoNamed
from localcloud.provision.facts.values import DEFAULTS, Properties

_RANDOM_CHARACTERS = 7


def auto_name(
    named: AutoNamed, name: str, inputs: Properties, seed: bytes, *, earlier: Properties
) -> str | Failure | None:
    """What the property gets; None if the program gives it, or its prefix.

    name: the resource's Pulumi name. seed: the engine's, by which preview and update agree.
    earlier: the inputs of before, whose name stays.
    """
    if any(inputs.get(each) is not None for each in (named.property, f"{named.property}Prefix")):
        return None
    if named.property in filled_in(earlier) and isinstance(earlier.get(named.property), str):
        return earlier[named.property]
    if len(name) + 1 + _RANDOM_CHARACTERS > named.max:
        return Failure(
            named.property,
            f"{named.property}: name '{name}-' plus {_RANDOM_CHARACTERS} random chars is longer"
            f" than maximum length {named.max}",
        )
    full = f"{name}-{_random(seed, name)}"
    if not full.startswith(named.prefix):
        full = named.prefix + full
    suffixes = [text for asked, text in named.suffix.items() if inputs.get(asked) is True]
    return full + "".join(suffixes)


def filled_in(inputs: Properties) -> Sequence[str]:
    """The inputs that were not the program's."""
    return inputs.get(DEFAULTS) or ()


def _random(seed: bytes, name: str) -> str:
    if not seed:
        return secrets.token_hex()[:_RANDOM_CHARACTERS]
    return hashlib.sha256(seed + name.encode()).hexdigest()[:_RANDOM_CHARACTERS]
