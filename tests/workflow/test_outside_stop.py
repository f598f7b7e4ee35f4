"""An execution that is stopped outside the product, as in AWS's console, ends by itself."""

import time

from components.names import Names
from ops.stack import LOCAL
from tests.workflow.api import sign_in_all, until_it_ends
from tests.workflow.every_call import at_work
from tests.workflow.refusals import Report
from tests.workflow.stage import Stage


def test_an_outside_stop_ends_the_execution_by_its_event_and_not_by_the_sweep(
    stage: Stage, report: Report
) -> None:
    names = Names(LOCAL, stage.state.account_id, stage.state.region)
    owner, execution = sign_in_all(stage).owner, at_work(stage)
    events = stage.state.client("events")
    events.disable_rule(Name=names.sweep_rule)
    try:
        arn = owner.status(execution)["executionArn"]
        stage.state.client("stepfunctions").stop_execution(executionArn=arn)
        stopped_at = time.monotonic()
        assert until_it_ends(owner, execution)["status"] == "ABORTED"
        seconds = time.monotonic() - stopped_at
    finally:
        events.enable_rule(Name=names.sweep_rule)
    report(f"{seconds:.1f} s from a stop outside the product to ABORTED in the API")
