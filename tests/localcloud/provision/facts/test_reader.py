"""Files of facts that are malformed are refused, by file and place."""

from pathlib import Path

import pytest

from localcloud.provision.facts import FactsError, facts_of
from localcloud.provision.facts.reader import read_facts

TYPE = "aws:sns/topic:Topic"


def facts(tmp_path: Path, text: str, name: str = "sns") -> Path:
    """A file that holds one type, of which this is told besides what every type must."""
    path = tmp_path / f"{name}.yaml"
    path.write_text(
        f"{TYPE}:\n  source: [topic.go]\n  verified: read\n  arn: '*'\n"
        + "".join(f"  {line}\n" for line in text.splitlines())
    )
    return path


WELL_FORMED = "properties: {name: {length: [1, 80]}}\ncalls: {read: [sns:GetTopicAttributes]}"


def test_a_well_formed_file_is_read(tmp_path: Path) -> None:
    found = read_facts(facts(tmp_path, WELL_FORMED))[TYPE]
    assert found.properties["name"].length == (1, 80)
    assert [request.action for request in found.requests()] == [("sns:GetTopicAttributes",)]


def test_aliases_of_yaml_may_be_parts_of_a_list(tmp_path: Path) -> None:
    calls = "calls: {read: [{action: [[sns:ListTopics], sns:GetTopicAttributes]}]}"
    found = read_facts(facts(tmp_path, f"properties: {{name: {{}}}}\n{calls}"))[TYPE]
    (request,) = found.requests()
    assert request.action == ("sns:ListTopics", "sns:GetTopicAttributes")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("properties: {name: {lenght: [1, 80]}}\ncalls: {}", r"name\.lenght: Extra inputs"),
        ("properties: {name: {form: xml}}\ncalls: {}", r"name\.form: Input should be"),
        ("properties: {name: {}}\ncalls: {patch: []}", r"calls\.patch"),
        ("properties: {name: {}}", "calls: Field required"),
        ("properties: {name: {conflicts: [nmae]}}\ncalls: {}", "no property is called nmae"),
        (
            "properties: {name: {}}\ncalls: {update: [{action: sns:X, changed: [nmae]}]}",
            "no property is called nmae",
        ),
        ("properties: {name: {says: be nice}}\ncalls: {}", "says is the words for a pattern"),
        ("properties: {name: {}}\ncalls: {}\nverfied: read", "verfied: Extra inputs"),
    ],
    ids=["check", "form", "operation", "no calls", "conflict", "changed", "words", "field"],
)
def test_a_malformed_fact_is_refused_by_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(FactsError, match=rf"sns\.yaml: .*{problem}"):
        read_facts(facts(tmp_path, text))


def test_a_type_belongs_in_the_file_of_its_module(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=rf"sqs\.yaml: {TYPE} is of another file"):
        read_facts(facts(tmp_path, WELL_FORMED, "sqs"))


@pytest.mark.parametrize("text", ["a: [", "- a list", ""])
def test_what_is_no_mapping_of_yaml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sns.yaml"
    path.write_text(text)
    with pytest.raises(FactsError, match=r"sns\.yaml: "):
        read_facts(path)


def test_a_type_without_facts_has_none() -> None:
    assert facts_of("aws:ec2/instance:Instance") is None
    assert facts_of("aws:sns/platformApplication:PlatformApplication") is None
    assert facts_of("pulumi:pulumi:Stack") is None
