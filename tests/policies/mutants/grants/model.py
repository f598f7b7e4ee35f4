"""Mutants for `policies.rules.grants.model`."""

from tests.policies.mutate import Change, Mutant, all_changes, edit_statement, grant, set_input
from tests.policies.names import ARN, GENERATE, GENERATE_POLICY, START_POLICY

NAME = "grants-configured-model"
_PROFILE = ARN.format("bedrock", "inference-profile/{}")
_MODEL = "arn:aws:bedrock:{}::foundation-model/{}"


def _another(model: str, *arns: str) -> Change:
    return all_changes(
        set_input(GENERATE, "environment.variables.BEDROCK_MODEL", model),
        edit_statement(
            GENERATE_POLICY, "bedrock:InvokeModel", lambda old: {**old, "Resource": list(arns)}
        ),
    )


MUTANTS = (
    Mutant(
        NAME,
        "a costly model beside the configured one",
        grant(
            GENERATE_POLICY,
            "bedrock:InvokeModel",
            _MODEL.format("ap-northeast-1", "anthropic.claude-opus-4-v1:0"),
        ),
    ),
    Mutant(
        NAME,
        "the configured model in a region that is not behind its profile",
        grant(
            GENERATE_POLICY,
            "bedrock:InvokeModel",
            _MODEL.format("us-east-1", "amazon.nova-micro-v1:0"),
        ),
    ),
    Mutant(
        NAME,
        "a function without a model may call one",
        grant(
            START_POLICY,
            "bedrock:InvokeModel",
            _MODEL.format("ap-northeast-1", "amazon.nova-micro-v1:0"),
        ),
    ),
    Mutant(
        NAME,
        "a function is told another model than its role may call",
        set_input(GENERATE, "environment.variables.BEDROCK_MODEL", "apac.amazon.nova-pro-v1:0"),
    ),
    Mutant(
        NAME,
        "another Nova model, told and granted",
        _another(
            "apac.amazon.nova-lite-v1:0",
            _PROFILE.format("apac.amazon.nova-lite-v1:0"),
            _MODEL.format("ap-northeast-1", "amazon.nova-lite-v1:0"),
            _MODEL.format("ap-south-1", "amazon.nova-lite-v1:0"),
        ),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "a model without a profile",
        _another(
            "amazon.nova-micro-v1:0", _MODEL.format("ap-northeast-1", "amazon.nova-micro-v1:0")
        ),
        near_miss=True,
    ),
)
