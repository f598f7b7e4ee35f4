"""Where the AWS provider's resources are, told to its process through the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

_VARIABLE = "GOAL_MANDALA_PLACE"


@dataclass(frozen=True)
class ProviderTarget:
    """An embedded cloud; or, without an endpoint, nowhere: that is enough for a preview.

    account: whose the credentials are.
    endpoint: of the emulator; model_endpoint: of the model server.
    packages: folder for functions' packages as this machine runs them; it outlives the stack.
    """

    account: str
    endpoint: str = ""
    model_endpoint: str = ""
    packages: str = ""

    def environment(self) -> Mapping[str, str]:
        """What the provider's process is to find in its environment."""
        return {_VARIABLE: json.dumps(asdict(self))}


def target_of_this_process() -> ProviderTarget:
    """Where this provider's resources are; raises KeyError where nobody has said so."""
    return ProviderTarget(**json.loads(os.environ[_VARIABLE]))
