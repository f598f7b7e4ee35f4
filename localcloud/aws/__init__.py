"""The AWS emulator: MiniStack, plus what Step Functions enforces on AWS and MiniStack does not.

Run it with `python -m localcloud.aws`; `Emulator` says with which environment.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

MODEL_PERMISSION_PATH = "/_localcloud/model-permission"
"""Where the model server asks who may call the model."""


@dataclass(frozen=True)
class Emulator:
    """An emulator over one folder.

    folder: must exist; the files of the emulator and the code of its functions live in it.
    port: loopback port of the one endpoint of all services.
    lag_seconds: how long what is made takes to count, as on AWS (`localcloud.aws.consistency`).
    """

    folder: Path
    port: int
    region: str
    account_id: str
    lag_seconds: float = 0.0

    @property
    def url(self) -> str:
        """The endpoint for AWS clients."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def model_permission_url(self) -> str:
        """Where the model server asks who may call the model."""
        return self.url + MODEL_PERMISSION_PATH

    @property
    def calls(self) -> Path:
        """The file of all permissions that were used or lacked (`recording`)."""
        return self.folder / "calls.jsonl"

    @property
    def mails(self) -> Path:
        """The e-mails that topics have sent, a line of JSON each: to, subject, text."""
        return self.folder / "mails.jsonl"

    @property
    def traces(self) -> Path:
        """The file of all trace segments (`localcloud.aws.xray`)."""
        return self.folder / "traces.jsonl"

    @property
    def command(self) -> list[str]:
        """The command line, for the checkout as working directory.

        It logs to standard error; SIGTERM ends it and every function it runs.
        """
        lag = ["--lag", str(self.lag_seconds)] if self.lag_seconds else []
        return [sys.executable, "-m", "localcloud.aws", *lag]

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the process; functions inherit it, so it holds no more."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder),
            "STATE_DIR": str(self.folder),
            "GATEWAY_PORT": str(self.port),
            # the default is every interface
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": self.region,
            "MINISTACK_ACCOUNT_ID": self.account_id,
            "AWS_ENDPOINT_URL": self.url,
            # UDP, so the number is free where the gateway's is
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{self.port}",
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
        }
