"""The API's own domain name, where one is configured."""

import json

import pytest

from components.settings import SettingsError, parse
from declared.program import evaluate
from tests.components.conftest import CONFIG, OF_DEV, SECRETS

CERTIFICATE = (
    "arn:aws:acm:ap-northeast-1:123456789012:certificate/1a2b3c4d-0000-4000-8000-123456789abc"
)


def test_the_api_is_exported_under_its_own_name_with_modern_tls_only() -> None:
    domain = json.dumps({"name": "api.goals.example", "certificateArn": CERTIFICATE})
    program = evaluate("dev", {**CONFIG, "customDomain": domain})

    (declared,) = (r for r in program.resources if r.type.endswith(":DomainName"))
    assert declared.inputs["domainNameConfiguration"] == {
        "certificateArn": CERTIFICATE,
        "endpointType": "REGIONAL",
        "securityPolicy": "TLS_1_2",
    }
    (mapping,) = (r for r in program.resources if r.type.endswith(":ApiMapping"))
    assert mapping.inputs["domainName"] == "api.goals.example"
    assert program.exports["apiUrl"] == "https://api.goals.example"


@pytest.mark.parametrize(
    ("domain", "complaint"),
    [
        ({"name": "https://api.goals.example", "certificateArn": CERTIFICATE}, "name"),
        ({"name": "api.goals.example", "certificateArn": "1a2b3c4d"}, "certificateArn"),
        ({"name": "api.goals.example"}, "certificateArn"),
    ],
)
def test_a_domain_that_cannot_be_one_is_refused_by_its_key(
    domain: dict[str, str], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=rf"goal-mandala:customDomain\.{complaint}"):
        parse({**OF_DEV, **SECRETS, "custom_domain": json.dumps(domain)}, {})
