"""The SARIF log: what its schema and GitHub require, and where it puts a violation."""

import gzip
import json
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from checks.pack.analyzer import Violation
from checks.pack.sarif import MAX_RESULTS, sarif
from declared.program import ROOT
from policies.pack import policies
from tests.policies.stacks import StacksUnderTest

SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text())

_TEXT = {"required": ["text"], "properties": {"text": {"minLength": 1}}}
_SHORT_TEXT = {"required": ["text"], "properties": {"text": {"minLength": 1, "maxLength": 1024}}}
_LINE_OR_COLUMN = {"type": "integer", "minimum": 1}
_RULE = {
    "required": ["id", "shortDescription", "fullDescription", "help"],
    "properties": {
        "id": {"minLength": 1, "maxLength": 255},
        "shortDescription": _SHORT_TEXT,
        "fullDescription": _SHORT_TEXT,
        "help": _TEXT,
        "properties": {
            "properties": {
                "tags": {"maxItems": 10},
                "precision": {"enum": ["very-high", "high", "medium", "low"]},
                "problem.severity": {"enum": ["error", "warning", "recommendation"]},
            }
        },
    },
}
_PLACE = {
    "required": ["artifactLocation", "region"],
    "properties": {
        "artifactLocation": {
            "required": ["uri"],
            # relative to the repository: no scheme, no leading slash, no way out
            "properties": {"uri": {"pattern": r"^(?!/)(?!.*\.\.)[\w./-]+$"}},
        },
        "region": {
            "required": ["startLine", "startColumn", "endLine", "endColumn"],
            "additionalProperties": _LINE_OR_COLUMN,
        },
    },
}
_RESULT = {
    "required": ["ruleId", "level", "message", "locations", "partialFingerprints"],
    "properties": {
        "message": _TEXT,
        "level": {"enum": ["note", "warning", "error"]},
        "partialFingerprints": {"required": ["primaryLocationLineHash"]},
        "locations": {
            "minItems": 1,
            "maxItems": 10,
            "items": {"required": ["physicalLocation"], "properties": {"physicalLocation": _PLACE}},
        },
    },
}
_RUN = {
    "required": ["tool", "results"],
    "properties": {
        "tool": {
            "properties": {
                "driver": {
                    "required": ["name", "rules"],
                    "properties": {"rules": {"maxItems": 25_000, "items": _RULE}},
                }
            }
        },
        "results": {"maxItems": 25_000, "items": _RESULT},
    },
}
GITHUB = {
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {"minItems": 1, "maxItems": 20, "items": _RUN},
    },
}
"""What GitHub requires beside the schema, and its limits (GitHub docs: SARIF support for code
scanning, read 2026-11)."""

MAX_UPLOAD = 10_000_000
"""Bytes of the log compressed by gzip (the same page)."""

ALARM = (
    "urn:pulumi:prod::goal-mandala::goalmandala:workflow:WorkflowAlarms"
    "$aws:cloudwatch/metricAlarm:MetricAlarm::alarms-outage"
)
FOUND = Violation("alarm-can-fire", ALARM, "> 100 is never true", mandatory=True)
OF_STACK = Violation("alarm-composite", "", "cannot be read", mandatory=True)


def logged(*found: Violation) -> Any:
    """The run of the log of these violations of prod, as a reader of the file gets it."""
    log = json.loads(json.dumps(sarif({"prod": found}, policies())))
    validate(log)
    return log["runs"][0]


def jsonschema() -> Any:
    """The package, imported where it is used: 1.5 s, which each worker would take to collect."""
    return import_module("jsonschema")


@cache
def schema_validator() -> Any:
    """Validates by SARIF's schema."""
    package = jsonschema()
    return package.Draft4Validator(SCHEMA, format_checker=package.FormatChecker())


def validate(log: Any) -> None:
    """Raise ValidationError if the log breaks the schema or GitHub's rules."""
    schema_validator().validate(log)
    jsonschema().validate(log, GITHUB)


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


@pytest.mark.parametrize(
    "path",
    [
        "locations",
        "message",
        "ruleId",
        "level",
        "partialFingerprints.primaryLocationLineHash",
        "locations.0.physicalLocation.region.endColumn",
        "locations.0.physicalLocation.artifactLocation.uri",
    ],
)
def test_a_result_that_lacks_something_is_not_valid(path: str) -> None:
    log = json.loads(json.dumps(sarif({"prod": [FOUND]}, policies())))
    holder: Any = log["runs"][0]["results"][0]
    *steps, last = path.split(".")
    for step in steps:
        holder = holder[int(step) if step.isdigit() else step]
    del holder[last]
    with pytest.raises(jsonschema().ValidationError):
        validate(log)


@pytest.mark.parametrize(("name", "value"), [("severity", "error"), ("locations", "Pulumi.yaml")])
def test_the_schema_knows_every_property(name: str, value: str) -> None:
    log = json.loads(json.dumps(sarif({"prod": [FOUND]}, policies())))
    log["runs"][0]["results"][0][name] = value
    with pytest.raises(jsonschema().ValidationError):
        validate(log)


@pytest.mark.parametrize("uri", ["/components/api.py", "file:///components/api.py", "../api.py"])
def test_a_place_outside_the_repository_is_not_valid(uri: str) -> None:
    log = json.loads(json.dumps(sarif({"prod": [FOUND]}, policies())))
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    location["artifactLocation"]["uri"] = uri
    with pytest.raises(jsonschema().ValidationError):
        validate(log)


def test_the_region_is_the_whole_line_of_the_component() -> None:
    (result,) = logged(FOUND)["results"]
    file, line = place(result)
    text = (ROOT / file).read_text().splitlines()[line - 1]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["endLine"], region["endColumn"]) == (line, len(text) + 1)


def test_two_faults_of_one_component_are_two_alerts_for_github() -> None:
    faults = [replace(FOUND, urn=f"{ALARM}-{n}") for n in range(2)]
    first, second = logged(*faults)["results"]
    assert place(first) == place(second)
    name = "primaryLocationLineHash"
    assert first["partialFingerprints"][name] != second["partialFingerprints"][name]


def test_a_log_of_more_faults_than_github_takes_is_cut() -> None:
    many = [replace(FOUND, message=f"{n} is never true") for n in range(MAX_RESULTS + 1)]
    log = sarif({"prod": many}, policies())
    assert len(log["runs"][0]["results"]) == MAX_RESULTS == 25_000
    assert len(gzip.compress(json.dumps(log, indent=1).encode(), 1)) < MAX_UPLOAD


def test_every_resource_of_prod_has_a_file(stacks: StacksUnderTest) -> None:
    urns = [each.urn for each in stacks.program("prod").values()]
    run = logged(*(Violation("iam-trust", urn, "wrong", mandatory=True) for urn in urns))
    for result in run["results"]:
        assert (ROOT / place(result)[0]).is_file()
