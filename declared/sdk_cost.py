"""What Pulumi's SDK does for each resource and nothing here reads."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2

_SDK: Any = resource


@contextmanager
def without_stack_traces() -> Generator[None]:
    """Declare resources without the stack trace that says where: a third of a program's time."""
    original = _SDK._get_stack_trace
    _SDK._get_stack_trace = source_pb2.StackTrace  # an empty one
    try:
        yield
    finally:
        _SDK._get_stack_trace = original
