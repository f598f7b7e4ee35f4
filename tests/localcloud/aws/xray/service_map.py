"""X-Ray's service map, computed from segments.

It has a node for each service that sent a segment, and one for each AWS service that a subsegment
of namespace `aws` calls and that sends no segment itself (X-Ray Developer Guide, "Segment
documents").
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Segment = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Node:
    """A service: its name, and what it is (such as AWS::Lambda::Function)."""

    name: str
    kind: str


@dataclass(frozen=True, order=True)
class Edge:
    """One service calls another."""

    caller: Node
    called: Node


def recorded_segments(file: Path) -> list[dict[str, Any]]:
    """The segment documents that the emulator has recorded."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines()]


def nested(segments: Sequence[Segment]) -> Iterator[tuple[Segment, str | None]]:
    """Every segment and subsegment, with its parent's id."""
    for segment in segments:
        yield segment, segment.get("parent_id")
        for inner, parent in nested(segment.get("subsegments", [])):
            yield inner, parent or segment["id"]


def edges(segments: Sequence[Segment]) -> set[Edge]:
    """The edges of the map of these segments (top-level documents, of any traces)."""
    everything = list(nested(segments))
    by_id = {segment["id"]: (segment, parent) for segment, parent in everything}
    parents_of_services = {parent for segment, parent in everything if _is_service(segment)}
    found: set[Edge] = set()
    for segment, parent in everything:
        if _is_service(segment):
            called = _node(segment)
        elif segment.get("namespace") == "aws" and segment["id"] not in parents_of_services:
            called = Node(_remote_name(segment), f"AWS::{segment['name']}")
        else:
            continue
        caller = _service(parent, by_id)
        if caller and caller != called:
            found.add(Edge(caller, called))
    return found


def orphans(segments: Sequence[Segment]) -> list[Segment]:
    """Segments whose parent is missing."""
    everything = list(nested(segments))
    ids = {segment["id"] for segment, _ in everything}
    return [segment for segment, parent in everything if parent and parent not in ids]


def _is_service(segment: Segment) -> bool:
    return segment.get("type") != "subsegment" and "origin" in segment


def _node(segment: Segment) -> Node:
    return Node(segment["name"], segment["origin"])


def _service(
    segment_id: str | None, by_id: Mapping[str, tuple[Segment, str | None]]
) -> Node | None:
    """The service of a segment: its own, or that of the segment around it."""
    while segment_id and segment_id in by_id:
        segment, parent = by_id[segment_id]
        if _is_service(segment):
            return _node(segment)
        segment_id = parent
    return None


def _remote_name(subsegment: Segment) -> str:
    aws = subsegment.get("aws", {})
    return str(aws.get("table_name") or aws.get("topic_arn") or subsegment["name"])
