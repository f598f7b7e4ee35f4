"""Changes that are right: no policy of the pack may report them."""

import json
from typing import Any

import pytest

from policies.stack import resource_types
from tests.policies.mutate import Change, all_changes, declare, edit_input, grant
from tests.policies.names import ARN, GENERATE_POLICY
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest

_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
_MACHINE = ARN.format("states", "stateMachine:TaskGenerationWorkflow-prod")


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(action: str, **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, **elements}


_SCHEDULE = all_changes(
    declare(
        resource_types.ROLE,
        "nightly-role",
        {
            "name": "goal-mandala-prod-nightly-role",
            "assumeRolePolicy": _document(
                _allow(
                    "sts:AssumeRole",
                    Principal={"Service": "scheduler.amazonaws.com"},
                    Condition=_ACCOUNT,
                )
            ),
        },
    ),
    declare(
        resource_types.ROLE_POLICY,
        "nightly-policy",
        {
            "name": "start",
            "role": "goal-mandala-prod-nightly-role",
            "policy": _document(_allow("states:StartExecution", Resource=_MACHINE)),
        },
        after=("nightly-role",),
    ),
    declare(
        resource_types.SCHEDULE,
        "nightly",
        {
            "name": "goal-mandala-prod-nightly",
            "scheduleExpression": "cron(0 3 * * ? *)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {
                "arn": _MACHINE,
                "roleArn": "arn:aws:iam::123456789012:role/goal-mandala-prod-nightly-role",
            },
        },
        after=("nightly-policy", "workflow-machine"),
    ),
)

_PARAMETER = all_changes(
    declare(
        resource_types.PARAMETER,
        "prompt",
        {"name": "/goal-mandala-prod/prompt", "type": "String", "value": "Be brief."},
    ),
    grant(
        GENERATE_POLICY, "ssm:GetParameter", ARN.format("ssm", "parameter/goal-mandala-prod/prompt")
    ),
)

_GUARDRAIL = grant(
    GENERATE_POLICY, "bedrock:ApplyGuardrail", ARN.format("bedrock", "guardrail/abc123def456")
)

_PRODUCT_PUBLISHES = edit_input(
    "alerting-notifications-policy",
    "policy.Statement",
    lambda old: [
        *old,
        _allow(
            "sns:Publish",
            Principal={"AWS": "arn:aws:iam::123456789012:role/goal-mandala-prod-product"},
            Resource=ARN.format("sns", "workflow-notifications-prod"),
        ),
    ],
)

_TLS_IF_EXISTS = edit_input(
    "alerting-alerts-policy",
    "policy.Statement.0.Condition",
    lambda _: {"BoolIfExists": {"aws:SecureTransport": "false"}},
)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_TLS_IF_EXISTS, id="TLS only by BoolIfExists"),
        pytest.param(_PRODUCT_PUBLISHES, id="the product's own role publishes"),
        pytest.param(_SCHEDULE, id="a schedule starts the machine with a role of its own"),
        pytest.param(_GUARDRAIL, id="the function that calls the model applies a guardrail"),
        pytest.param(_PARAMETER, id="a function reads a parameter of the stack by its ARN"),
    ],
)
def test_no_policy_reports_a_harmless_change(change: Change, stacks: StacksUnderTest) -> None:
    before = stacks.program("prod")
    after = change(before)
    pack = stacks.pack("prod")
    pack.enable_only(ALL_POLICIES)
    changed = [each for name, each in after.items() if before.get(name) is not each]
    assert changed
    found = [each for resource in changed for each in pack.analyze(resource)]
    found += pack.analyze_stack(after.values())
    assert [(each.policy, each.urn.rpartition("::")[2], each.message) for each in found] == []
