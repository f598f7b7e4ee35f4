"""Mutants for `policies.rules.wiring.versions`."""

from tests.policies.mutate import (
    Mutant,
    edit_input,
    set_input,
    set_source,
    unchanged,
    without_dependency,
)
from tests.policies.names import GENERATE, MACHINE, TASK

RUNTIME, NUMBERED = "wiring-supported-runtime", "wiring-numbered-versions"
QUALIFIER = "wiring-qualifiers-exist"
_LIVE, _WARM = f"{GENERATE}-live", f"{GENERATE}-warm"
_SWEEP = "reconciliation-sweep-permission"

MUTANTS = (
    Mutant(
        RUNTIME, "a runtime that AWS no longer mends", set_input(GENERATE, "runtime", "python3.8")
    ),
    Mutant(RUNTIME, "a runtime that nobody knows", set_input(GENERATE, "runtime", "cobol85")),
    Mutant(RUNTIME, "an image", set_input(GENERATE, "packageType", "Image")),
    Mutant(
        NUMBERED,
        "an alias of the machine that routes half of the executions",
        set_input("workflow-live", "routingConfigurations.0.weight", 50),
    ),
    Mutant(RUNTIME, "a newer Python", set_input(GENERATE, "runtime", "python3.14"), near_miss=True),
    Mutant(NUMBERED, "an alias of $LATEST", set_input(_LIVE, "functionVersion", "$LATEST")),
    Mutant(
        NUMBERED,
        "a share of the calls to $LATEST",
        set_input(_LIVE, "routingConfig", {"additionalVersionWeights": {"$LATEST": 0.5}}),
    ),
    Mutant(
        NUMBERED, "a version that comes from nowhere", set_source(_LIVE, "functionVersion", None)
    ),
    Mutant(
        NUMBERED,
        "provisioned concurrency beside a snapshot",
        set_input(GENERATE, "snapStart", {"applyOn": "PublishedVersions"}),
    ),
    Mutant(
        NUMBERED, "provisioned concurrency on $LATEST", set_input(_WARM, "qualifier", "$LATEST")
    ),
    Mutant(
        NUMBERED,
        "a Task that calls $LATEST",
        edit_input(MACHINE, f"{TASK}.Resource", lambda old: old.replace(":live", ":$LATEST")),
    ),
    Mutant(
        NUMBERED,
        "the machine's alias without a version",
        set_input(
            "workflow-live",
            "routingConfigurations",
            [
                {
                    "stateMachineVersionArn": "arn:aws:states:ap-northeast-1:123456789012:"
                    "stateMachine:TaskGenerationWorkflow-prod",
                    "weight": 100,
                }
            ],
        ),
    ),
    Mutant(
        NUMBERED,
        "a weighted alias",
        set_input(_LIVE, "routingConfig", {"additionalVersionWeights": {"7": 0.1}}),
        near_miss=True,
    ),
    Mutant(
        QUALIFIER,
        "a permission on an alias that may not be there yet",
        without_dependency(_SWEEP, "functions-workflow-reconcile-live"),
    ),
    Mutant(
        QUALIFIER, "a permission on an alias that is not there", set_input(_SWEEP, "qualifier", "x")
    ),
    Mutant(QUALIFIER, "functions kept warm by their alias", unchanged, near_miss=True),
)
