"""Asks the emulator whether the signer of a request may invoke the model."""

import http.client
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from localcloud.bedrock.bedrock_api import BedrockError

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d{8}/([a-z0-9-]+)/")
_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Authorization:
    """Authorization by an HTTP endpoint.

    url: it gets POST {"accessKeyId", "region", "modelId"} and answers {"denied": null}, or the
        message of the denial. The emulator has one (`localcloud.aws.permissions`).
    """

    url: str

    def check(self, header: str, model_id: str) -> None:
        """Raise BedrockError, worded as on AWS, unless the signer may invoke the model.

        header: the request's header `Authorization`.
        """
        signer = _CREDENTIAL.search(header)
        if signer is None:
            raise BedrockError("AccessDeniedException", "Missing Authentication Token")
        question = {"accessKeyId": signer[1], "region": signer[2], "modelId": model_id}
        denied: str | None = self._ask(question)["denied"]
        if denied:
            raise BedrockError("AccessDeniedException", denied, HTTPStatus.FORBIDDEN)

    def _ask(self, question: dict[str, str]) -> dict[str, str | None]:
        endpoint = urlsplit(self.url)
        connection = http.client.HTTPConnection(endpoint.netloc, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", endpoint.path, json.dumps(question))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
