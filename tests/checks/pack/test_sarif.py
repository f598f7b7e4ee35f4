"""The SARIF log: what its schema and GitHub require, and where it puts a violation."""

import json
from typing import Any

import jsonschema
import pytest

from checks.pack.analyzer import Violation
from checks.pack.sarif import sarif
from declared.program import ROOT
from policies.pack import policies
from tests.policies.stacks import StacksUnderTest

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
LOG = {
    # The required properties of SARIF 2.1.0, and those that GitHub adds for code scanning.
    "type": "object",
    "required": ["version", "runs", "$schema"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id", "shortDescription", "help"],
                                            "properties": {"shortDescription": TEXT, "help": TEXT},
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "message", "locations", "partialFingerprints"],
                            "properties": {
                                "message": TEXT,
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "locations": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "type": "object",
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "region": {
                                                        "properties": {"startLine": {"minimum": 1}}
                                                    }
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}

ALARM = (
    "urn:pulumi:prod::goal-mandala::goalmandala:workflow:WorkflowAlarms"
    "$aws:cloudwatch/metricAlarm:MetricAlarm::alarms-outage"
)
FOUND = Violation("alarm-can-fire", ALARM, "> 100 is never true", mandatory=True)
OF_STACK = Violation("alarm-composite", "", "cannot be read", mandatory=True)


def logged(*found: Violation) -> Any:
    """The run of the log of these violations of prod, as a reader of the file gets it."""
    log = json.loads(json.dumps(sarif({"prod": found}, policies())))
    jsonschema.validate(log, LOG)
    return log["runs"][0]


def place(result: Any) -> tuple[str, int]:
    """The file and line of a result."""
    location = result["locations"][0]["physicalLocation"]
    return location["artifactLocation"]["uri"], location["region"]["startLine"]


def test_a_log_without_violations_is_valid_and_lists_every_policy() -> None:
    run = logged()
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [p.name for p in policies()]


def test_a_result_names_its_rule_stack_resource_and_message() -> None:
    run = logged(FOUND)
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "alarm-can-fire"
    assert result["message"]["text"] == "prod: alarms-outage: > 100 is never true"
    logical = result["locations"][0]["logicalLocations"][0]
    assert logical["fullyQualifiedName"] == ALARM


def test_a_violation_stands_at_the_component_that_declares_the_resource() -> None:
    (result,) = logged(FOUND)["results"]
    file, line = place(result)
    assert file == "components/monitoring/workflow_alarms.py"
    assert "goalmandala:workflow:WorkflowAlarms" in (ROOT / file).read_text().splitlines()[line - 1]


def test_a_violation_of_the_stack_stands_in_its_configuration() -> None:
    (result,) = logged(OF_STACK)["results"]
    assert place(result) == ("Pulumi.prod.yaml", 1)


def test_a_violation_has_the_same_fingerprint_in_every_run_and_no_other_has_it() -> None:
    first, again, other = logged(FOUND, FOUND, OF_STACK)["results"]
    assert first["partialFingerprints"] == again["partialFingerprints"]
    assert first["partialFingerprints"] != other["partialFingerprints"]


@pytest.mark.parametrize("broken", ["locations", "message", "ruleId"])
def test_the_schema_refuses_a_result_that_lacks_something(broken: str) -> None:
    log = sarif({"prod": [FOUND]}, policies())
    del log["runs"][0]["results"][0][broken]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, LOG)


def test_every_resource_of_prod_has_a_file(stacks: StacksUnderTest) -> None:
    urns = [each.urn for each in stacks.program("prod").values()]
    run = logged(*(Violation("iam-trust", urn, "wrong", mandatory=True) for urn in urns))
    for result in run["results"]:
        assert (ROOT / place(result)[0]).is_file()
