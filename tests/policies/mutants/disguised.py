"""Mutants of kinds that once passed: encoded references, secrets by shape, tokens, units."""

from base64 import b64encode

from tests.policies.mutate import Mutant, set_input
from tests.policies.names import GENERATE

_URL = b"https://evil.example/collect"
_VARIABLE = "environment.variables.X"

MUTANTS = (
    *(
        Mutant("boundary-own-references", what, set_input(GENERATE, _VARIABLE, value))
        for what, value in (
            ("a URL in hexadecimal", _URL.hex()),
            ("a URL in base64 of base64", b64encode(b64encode(_URL)).decode()),
            ("an address of IPv6", "2606:4700:4700::1111"),
            ("a host of any domain with a path", "collector.evil.zip/upload"),
        )
    ),
    *(
        Mutant("access-no-plain-secret", what, set_input(GENERATE, _VARIABLE, value))
        for what, value in (
            ("a key of a model's vendor", "sk-" + "ant-api03-" + "Ab1" * 30),
            ("a token of GitHub for one repository", "github_pat_" + "11ABCDEFG0" + "a1B2" * 18),
            ("a token in a header", "Authorization: Bearer " + "a1B2c3D4" * 5),
        )
    ),
    Mutant(
        "boundary-no-second-source",
        "variables of a stage",
        set_input("api-stage", "stageVariables", {"lambda": "other"}),
    ),
)
