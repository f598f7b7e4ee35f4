"""Deploys the program to the emulator."""

import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import RunError

from components.compute.packaging import PackagingError
from declared.program import evaluate
from localcloud.cluster.stack_file import write_stack_file
from localcloud.cluster.state import STACK
from localcloud.errors import LocalCloudError
from localcloud.provision.deployment import Deployment
from localcloud.provision.local_function import LocalRuntime
from localcloud.provision.provisioner import Clients

_IGNORED_VARIABLES = ("DATABASE_URL", "JWT_SECRET", "SLACK_WEBHOOK", "AWS_ACCOUNT_ID", "AWS_REGION")
"""Meant for a stack on AWS: they would point the local one to another database or account."""


@dataclass(frozen=True)
class Deployed:
    """The stack's exports, the number of its resources, and the gaps that `Deployment` found."""

    exports: dict[str, Any]
    resources: int
    known_gaps: tuple[str, ...]
    closed_gaps: tuple[str, ...]


def deploy(
    folder: Path, endpoint: str, model_url: str, database_url: str, settings: Mapping[str, str]
) -> Deployed:
    """Create everything that the program declares and read it back. Raises LocalCloudError.

    settings: override those of the stack file.
    """
    config = {
        "databaseUrl": database_url,
        "jwtSecret": secrets.token_hex(32),
        # RFC 2606: .invalid never resolves
        "slackWebhook": "https://slack.invalid/local",
        **settings,
    }
    write_stack_file(folder, endpoint, config)
    deployment = Deployment(
        Clients(endpoint), LocalRuntime(endpoint, model_url, folder / "packages")
    )
    with _without(_IGNORED_VARIABLES):
        try:
            program = evaluate(STACK, config, provision=deployment)
        except Exception as error:
            # the first cause: Pulumi may raise an error that followed from it
            if deployment.error:
                raise deployment.error from error
            if isinstance(error, RunError | PackagingError):
                raise LocalCloudError(f"The program cannot be deployed: {error}") from error
            raise
    deployment.check_computed_arns()
    return Deployed(
        program.exports, len(program.resources), deployment.known_gaps, deployment.closed_gaps
    )


@contextmanager
def _without(names: tuple[str, ...]) -> Generator[None]:
    taken = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
