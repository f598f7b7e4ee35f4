"""Values that look like a fault and are none: no policy of the pack may report them."""

import base64
import json

import pytest

from tests.policies.mutate import UNKNOWN, Change, Mutant, all_changes, set_input
from tests.policies.names import GENERATE, MACHINE, TABLE
from tests.policies.stacks import ALL_POLICIES, StacksUnderTest

_ENCODED = base64.b64encode(b"hello from the model, be brief").decode()

_VARIABLES = {
    "TEMPLATE": "docs/prompts/tasks.md",
    "ENTRY": "handlers.task_generation.handler",
    "ACCEPT": "application/json",
    "PROMPT_SHA": "a1b2c3d4" * 8,
    "RUN": "0190b5c2-7f3a-7c3e-9a64-1f2d3c4b5a69",
    "GREETING": _ENCODED,
    "VERSION": "1.12.3-rc.1",
    "QUIET_HOURS": "22:00:00",
    "SHARE": "1:10",
    "PARTITION_KEY": "pk",
    "SIGNING_KEY_ID": "2026-11",
    "STYLE": "sk-short",
    "PEER": "fd00::1",
}
_QUERY_UNIT = "metricQueries.0.metric.unit"
_UNITS = {"accessToken": "minutes"}
_LIMITS = {"maxReadRequestUnits": 4000, "maxWriteRequestUnits": 4000}

_THROTTLE = json.dumps({"throttlePolicy": {"maxReceivesPerSecond": 1}})
_NO_OVERRIDES = json.dumps({"http": {"disableSubscriptionOverrides": True}})

_CHANGES: dict[str, Change] = {
    **{
        f"variable {name}": set_input(GENERATE, f"environment.variables.{name}", text)
        for name, text in _VARIABLES.items()
    },
    "a sentence about passwords": set_input(
        "alarms-outage", "alarmDescription", "Somebody changed the password: ask operations."
    ),
    "a sentence about bearer tokens": set_input(
        "alarms-outage", "alarmDescription", "The API takes a bearer token of the pool."
    ),
    "id tokens of an hour": set_input("users-client", "idTokenValidity", 1),
    "access tokens of 15 minutes": all_changes(
        set_input("users-client", "accessTokenValidity", 15),
        set_input("users-client", "tokenValidityUnits", _UNITS),
    ),
    "a /tmp of the default size": set_input(GENERATE, "ephemeralStorage", {"size": 512}),
    "a role's own path, the default": set_input("workflow-role", "path", "/"),
    "the unit of a duration": set_input(
        "alarms-lambda-near-timeout-task-generation", _QUERY_UNIT, "Milliseconds"
    ),
    "a high limit of on-demand throughput": set_input(TABLE, "onDemandThroughput", _LIMITS),
    "a queue that is said to be no FIFO queue": set_input("slack-queue", "fifoQueue", False),
    "no stage variables": set_input("api-stage", "stageVariables", {}),
    # handlers name their service themselves, and their metrics have no such dimension
    "another service in the log": set_input(
        GENERATE, "environment.variables.POWERTOOLS_SERVICE_NAME", "other"
    ),
    # without a filter, its scope changes nothing
    "a filter's scope": set_input("slack-alerts", "filterPolicyScope", "MessageBody"),
    # SNS reads delivery policies for HTTP and HTTPS only
    "a subscription's delivery policy": set_input("slack-alerts", "deliveryPolicy", _THROTTLE),
    "a topic's delivery policy": set_input("alerting-alerts", "deliveryPolicy", _NO_OVERRIDES),
    # people read it, Step Functions does not
    "a link in a comment": set_input(
        MACHINE, "definition.Comment", "see https://runbooks.example/workflow"
    ),
    "a description that is not known yet": set_input("alarms-outage", "alarmDescription", UNKNOWN),
}


@pytest.mark.parametrize("what", _CHANGES)
def test_no_policy_reports_a_harmless_value(stacks: StacksUnderTest, what: str) -> None:
    assert stacks.violated(Mutant("", what, _CHANGES[what]), ALL_POLICIES) == set()
