"""Where the AWS provider's resources are, told to its process through the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

_VARIABLE = "GOAL_MANDALA_PLACE"


@dataclass(frozen=True)
class Place:
    """An embedded cloud; or, without an endpoint, nowhere: that is enough for a preview.

    account: whose the credentials are.
    endpoint: of the emulator; model_endpoint: of the model server.
    packages: folder for functions' packages as this machine runs them; it outlives the stack.
    patience_seconds: how long to try again at most what AWS's provider would for minutes; a cloud
        that is told to lag needs it.
    """

    account: str
    endpoint: str = ""
    model_endpoint: str = ""
    packages: str = ""
    patience_seconds: float = 0.0

    def environment(self) -> Mapping[str, str]:
        """What the provider's process is to find in its environment."""
        return {_VARIABLE: json.dumps(asdict(self))}


def place_of_this_process() -> Place:
    """Where this provider's resources are; raises KeyError where nobody has said so."""
    return Place(**json.loads(os.environ[_VARIABLE]))
