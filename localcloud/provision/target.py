"""The cloud that the AWS provider works on, passed to its process by an environment variable."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

_VARIABLE = "GOAL_MANDALA_PROVIDER_TARGET"


@dataclass(frozen=True)
class ProviderTarget:
    """An embedded cloud; without an endpoint there is none, which is enough for a preview.

    account: the account of the credentials.
    endpoint: URL of the emulator.
    model_endpoint: URL of the model server.
    packages: folder for the functions' rewritten packages; it must outlive the stack.
    patience_seconds: how long to repeat at most what AWS's provider repeats for minutes; a cloud
        that lags needs it.
    credentials: access key, secret key and session token of the role that deploys; root without.
    """

    account: str
    endpoint: str = ""
    model_endpoint: str = ""
    packages: str = ""
    patience_seconds: float = 0.0
    credentials: tuple[str, str, str] | None = field(default=None, repr=False)

    def environment(self) -> Mapping[str, str]:
        """The environment variable for the provider's process."""
        return {_VARIABLE: json.dumps(asdict(self))}


def target_of_this_process() -> ProviderTarget:
    """The target in this process's environment. Raises KeyError if there is none."""
    return ProviderTarget(**json.loads(os.environ[_VARIABLE]))
