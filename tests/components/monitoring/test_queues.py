"""Every queue of the stack is watched: what waits in one that nobody reads is lost unseen."""

import json
from typing import Any

import pytest

from components.iam.operator_grants import resources
from components.iam.operator_places import On
from components.monitoring.dashboard.body import dashboard
from components.names import Names
from ops.maintenance.auditing import read_audit
from ops.stack import Stack
from tests.components.conftest import Evaluate
from tests.components.monitoring.document import monitoring_of_prod

PROD = monitoring_of_prod()
NAMES = Names("prod", "123456789012", "ap-northeast-1")
OPEN = json.dumps({"Statement": []})


class Queues:
    """SQS as far as the audit reads it; every other service has nothing."""

    def client(self, service: str) -> Any:
        return self if service == "sqs" else Nothing()

    def get_queue_url(self, **request: str) -> dict[str, str]:
        return {"QueueUrl": request["QueueName"]}

    def get_queue_attributes(self, **_request: Any) -> dict[str, Any]:
        return {"Attributes": {"Policy": OPEN}}


class Nothing:
    """A service that answers every call with nothing."""

    def __getattr__(self, _name: str) -> Any:
        def answer(*_names: str, **_request: Any) -> Answer:
            return Answer()

        return answer


class Answer(dict[str, Any]):
    """Holds nothing under every name, and has no pages."""

    def __missing__(self, _name: str) -> "Answer":
        return Answer()

    def paginate(self, **_request: Any) -> list[Any]:
        return []


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_names_has_every_queue_of_the_program(deployed: Evaluate, stack: str) -> None:
    declared = [e for e in deployed(stack).resources if e.type == "aws:sqs/queue:Queue"]
    names = Names(stack, "123456789012", "ap-northeast-1")
    assert sorted(each.inputs["name"] for each in declared) == sorted(names.queues)


def test_an_alarm_watches_every_queue_of_dead_letters() -> None:
    watched = str([alarm.queries for alarm in PROD.alarms])
    dead = [queue for queue in PROD.names.queues if queue.endswith("-dead-letters")]
    assert len(dead) == len(PROD.names.queues) - 1  # slack-notifier reads the other one
    assert [queue for queue in dead if repr(queue) not in watched] == []


def test_the_dashboard_draws_every_queue() -> None:
    drawn = json.dumps(dashboard(PROD))
    assert [queue for queue in PROD.names.queues if f'"{queue}"' not in drawn] == []


def test_the_audit_reads_every_queue_and_operators_may() -> None:
    found = read_audit(Stack(NAMES, Queues())).policies
    assert {name for name in found if name.startswith("queue ")} == {
        f"queue {queue}" for queue in NAMES.queues
    }
    assert resources(On.QUEUES, NAMES) == [NAMES.queue_arn(each) for each in NAMES.queues]
