"""Facts about a stack, as both sides state them, and their comparison."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Facts = dict[str, dict[str, str]]
"""Subject, such as `table WorkflowExecution-prod` -> property -> value, in words for a person."""

ABSENT = "absent"


@dataclass(frozen=True)
class Line:
    """One check; `passed` is whether what was found is what was expected."""

    subject: str
    check: str
    expected: str
    found: str
    passed: bool


def compare(expected: Facts, found: Facts, unreadable: Mapping[str, str]) -> Iterator[Line]:
    """A line for every expected fact, in the order of the expectations.

    unreadable: subject -> why AWS did not answer; what could not be read has not passed.
    """
    for subject, checks in expected.items():
        for check, value in checks.items():
            held = found.get(subject, {}).get(check) or unreadable.get(subject, ABSENT)
            yield Line(subject, check, value, held, held == value)


def function(name: str) -> str:
    """The subject of a function; the others are alike."""
    return f"function {name}"


def machine(name: str) -> str:
    """The subject of a state machine."""
    return f"state machine {name}"


def table(name: str) -> str:
    """The subject of a table."""
    return f"table {name}"


def log_group(name: str) -> str:
    """The subject of a log group."""
    return f"log group {name}"


def alarm(name: str) -> str:
    """The subject of an alarm."""
    return f"alarm {name}"


def topic(arn: str) -> str:
    """The subject of a topic, by its ARN or name."""
    return f"topic {arn.rpartition(':')[2]}"


def rule(name: str) -> str:
    """The subject of a rule on the default event bus."""
    return f"rule {name}"


def queue_reader(function_name: str) -> str:
    """The subject of the event source mapping of a function."""
    return f"queue reader {function_name}"


def key(alias: str) -> str:
    """The subject of the customer key."""
    return f"key {alias}"


def bucket(name: str) -> str:
    """The subject of a bucket."""
    return f"bucket {name}"


def backup_vault(name: str) -> str:
    """The subject of a vault of AWS Backup."""
    return f"backup vault {name}"


def backup_plan(name: str) -> str:
    """The subject of a plan of AWS Backup."""
    return f"backup plan {name}"


def api(name: str) -> str:
    """The subject of the HTTP API."""
    return f"API {name}"
