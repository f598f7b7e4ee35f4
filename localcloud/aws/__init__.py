"""The AWS emulator: MiniStack, with functions of this package in place of some of its own.

Run it with `python -m localcloud.aws` in the environment that `Emulator` has.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

MODEL_PERMISSION_PATH = "/_localcloud/model-permission"
"""The path that authorizes callers of the model (`permissions.model_permission`)."""

SNAPSHOT_PATH = "/_localcloud/snapshot"
"""The path that a durable emulator saves its state at (`journal`)."""

CALLS, MAILS, TRACES = "calls.jsonl", "mails.jsonl", "traces.jsonl"
"""Files in the emulator's folder."""


@dataclass(frozen=True)
class Emulator:
    """An emulator of one folder.

    folder: an existing folder for the emulator's files and the code of its functions.
    port: loopback port of the endpoint of all services.
    lag_seconds: how long what is made takes to count, as on AWS (`localcloud.aws.consistency`).
    durable: whether its state outlives a kill, from the snapshot on (`localcloud.aws.journal`).
    """

    folder: Path
    port: int
    region: str
    account_id: str
    lag_seconds: float = 0.0
    durable: bool = False

    @property
    def url(self) -> str:
        """The endpoint of all services."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def model_permission_url(self) -> str:
        """The URL that authorizes callers of the model."""
        return self.url + MODEL_PERMISSION_PATH

    @property
    def calls(self) -> Path:
        """The permissions used or lacked (`permissions.recording`), a line of JSON each."""
        return self.folder / CALLS

    @property
    def mails(self) -> Path:
        """The e-mails that topics have sent, a line of JSON each: to, subject, text."""
        return self.folder / MAILS

    @property
    def traces(self) -> Path:
        """The trace segments (`localcloud.aws.xray`), a line of JSON each."""
        return self.folder / TRACES

    @property
    def command(self) -> list[str]:
        """The command line; the working directory must be the checkout.

        The emulator logs to standard error; SIGTERM ends it and every function that it runs.
        """
        lag = ["--lag", str(self.lag_seconds)] if self.lag_seconds else []
        return [sys.executable, "-m", "localcloud.aws", *lag]

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the process; it is minimal, since functions inherit it."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder),
            "STATE_DIR": str(self.folder),
            "PERSIST_STATE": "1" if self.durable else "0",
            "GATEWAY_PORT": str(self.port),
            # MiniStack's default is every interface
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": self.region,
            "MINISTACK_ACCOUNT_ID": self.account_id,
            "AWS_ENDPOINT_URL": self.url,
            # a UDP port, so it cannot collide with the endpoint's
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{self.port}",
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
        }
