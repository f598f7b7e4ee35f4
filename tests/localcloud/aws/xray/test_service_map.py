"""The service map of segments, and trace headers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.xray.header import TraceHeader, new_segment_id, new_trace, parse
from tests.localcloud.aws.xray.service_map import Edge, Node, edges, orphans

FUNCTION = Node("f", "AWS::Lambda::Function")
MACHINE = Node("m", "AWS::StepFunctions::StateMachine")


def service(id_: str, node: Node, parent: str | None = None, **more: Any) -> dict[str, Any]:
    caller = {"parent_id": parent} if parent else {}
    return {"id": id_, "name": node.name, "origin": node.kind, **caller, **more}


def call(id_: str, name: str, parent: str | None = None, **aws: str) -> dict[str, Any]:
    caller = {"parent_id": parent, "type": "subsegment"} if parent else {}
    return {"id": id_, "name": name, "namespace": "aws", "aws": aws, **caller}


def test_a_call_of_a_service_without_segments_is_an_edge() -> None:
    segments = [
        service("1", FUNCTION),
        {"id": "2", "type": "subsegment", "name": "## handler", "parent_id": "1"},
        call("3", "dynamodb", "2", table_name="t"),
        call("4", "bedrock-runtime", "2"),
    ]
    assert edges(segments) == {
        Edge(FUNCTION, Node("t", "AWS::dynamodb")),
        Edge(FUNCTION, Node("bedrock-runtime", "AWS::bedrock-runtime")),
    }
    assert orphans(segments) == []


def test_a_call_of_a_service_with_a_segment_is_one_edge() -> None:
    segments = [service("1", MACHINE), call("2", "Lambda", "1"), service("3", FUNCTION, "2")]
    assert edges(segments) == {Edge(MACHINE, FUNCTION)}


def test_subsegments_can_be_inside_their_segment() -> None:
    inner = [{"id": "2", "name": "work", "subsegments": [call("3", "sns", topic_arn="a")]}]
    assert edges([service("1", FUNCTION, subsegments=inner)]) == {
        Edge(FUNCTION, Node("a", "AWS::sns"))
    }


def test_a_segment_without_its_parent_is_an_orphan_and_no_edge() -> None:
    segments = [service("1", FUNCTION, "gone"), call("2", "sns", "1")]
    assert orphans(segments) == segments[:1]
    assert edges(segments) == {Edge(FUNCTION, Node("sns", "AWS::sns"))}


@given(st.booleans(), st.booleans())
def test_a_header_is_read_as_it_was_written(sampled: bool, has_parent: bool) -> None:
    parent = new_segment_id() if has_parent else None
    header = TraceHeader(new_trace().trace_id, parent, sampled)
    assert parse(str(header)) == header
    assert parse(f"{header};Lineage=1:a:0") == header


@pytest.mark.parametrize("text", [None, "", "Parent=1", "nonsense", ";;"])
def test_a_text_without_a_trace_id_is_no_header(text: str | None) -> None:
    assert parse(text) is None
