"""Whether the caller may invoke the model, asked of the emulator that gave it its credentials."""

import http.client
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from localcloud.bedrock.bedrock_api import BedrockError

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d{8}/([a-z0-9-]+)/")
_ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Authorization:
    """An emulator's word on who may do what.

    url: of its endpoint that is asked (`localcloud.aws.permissions.model_permission`).
    """

    url: str

    def check(self, header: str, model_id: str) -> None:
        """Raise BedrockError, worded as on AWS, unless the signer of a request may.

        header: the request's `Authorization`.
        """
        signer = _CREDENTIAL.search(header)
        if signer is None:
            raise BedrockError("AccessDeniedException", "Missing Authentication Token")
        asked = {"accessKeyId": signer[1], "region": signer[2], "modelId": model_id}
        denied: str | None = self._ask(asked)["denied"]
        if denied:
            raise BedrockError("AccessDeniedException", denied, HTTPStatus.FORBIDDEN)

    def _ask(self, asked: dict[str, str]) -> dict[str, str | None]:
        endpoint = urlsplit(self.url)
        connection = http.client.HTTPConnection(endpoint.netloc, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", endpoint.path, json.dumps(asked))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
