"""Mutants for `policies.rules.wiring.machine`."""

from tests.policies.mutate import REMOVED, Mutant, all_changes, set_input, unchanged
from tests.policies.names import MACHINE, TASK

CAUGHT, TOLD = "wiring-errors-caught", "wiring-machine-as-told"
FINISH = "wiring-executions-finish"
_ALL = "definition.States.GenerateAll"
_ITEM = f"{_ALL}.ItemProcessor.States"

MUTANTS = (
    Mutant(
        CAUGHT,
        "a Task that catches time-outs only",
        set_input(MACHINE, f"{TASK}.Catch.0.ErrorEquals", ["States.Timeout"]),
    ),
    Mutant(
        CAUGHT,
        "a Task that catches failures of tasks only",
        set_input(MACHINE, f"{TASK}.Catch.0.ErrorEquals", ["States.TaskFailed"]),
    ),
    Mutant(CAUGHT, "a Map without Catch", set_input(MACHINE, f"{_ALL}.Catch", REMOVED)),
    Mutant(
        CAUGHT,
        "a Catch to a state that is not there",
        set_input(MACHINE, f"{TASK}.Catch.0.Next", "X"),
    ),
    Mutant(
        CAUGHT,
        "a Catch that leaves the Map",
        set_input(MACHINE, f"{TASK}.Catch.0.Next", "Finish"),
    ),
    Mutant(
        CAUGHT,
        "an action that fails ends all others",
        set_input(MACHINE, f"{_ITEM}.ActionEnded", {"Type": "Fail"}),
    ),
    Mutant(
        CAUGHT,
        "retries that never happen",
        all_changes(
            set_input(MACHINE, f"{TASK}.Retry.0.MaxAttempts", 0),
            set_input(MACHINE, f"{TASK}.Retry.1.MaxAttempts", 0),
        ),
    ),
    Mutant(
        CAUGHT,
        "no retry when Lambda throttles",
        set_input(MACHINE, f"{TASK}.Retry.0.ErrorEquals", ["ModelThrottledError"]),
    ),
    Mutant(
        CAUGHT,
        "one more Task in the machine",
        all_changes(
            set_input(
                MACHINE,
                "definition.States.Audit",
                {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::sns:publish",
                    "Retry": [{"ErrorEquals": ["SNS.InternalErrorException"], "MaxAttempts": 2}],
                    "Catch": [
                        {"ErrorEquals": ["States.Timeout"], "Next": "Fail"},
                        {"ErrorEquals": ["States.ALL"], "Next": "Succeed"},
                    ],
                    "Next": "Succeed",
                },
            )
        ),
        near_miss=True,
    ),
    Mutant(CAUGHT, "the program as it is", unchanged, near_miss=True),
    Mutant(TOLD, "an EXPRESS machine", set_input(MACHINE, "type", "EXPRESS")),
    Mutant(
        TOLD,
        "items as EXPRESS executions",
        set_input(
            MACHINE,
            f"{_ALL}.ItemProcessor.ProcessorConfig",
            {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        ),
    ),
    Mutant(
        TOLD,
        "a longer time-out than the functions are told",
        set_input(MACHINE, "definition.TimeoutSeconds", 1800),
    ),
    Mutant(
        TOLD,
        "a function that is told another time-out",
        set_input(
            "functions-workflow-reconcile", "environment.variables.WORKFLOW_TIMEOUT_SECONDS", "60"
        ),
    ),
    Mutant(
        TOLD,
        "a longer time-out, told to all functions",
        all_changes(
            set_input(MACHINE, "definition.TimeoutSeconds", 1800),
            *(
                set_input(
                    f"functions-{each}", "environment.variables.WORKFLOW_TIMEOUT_SECONDS", "1800"
                )
                for each in ("workflow-reconcile", "workflow-prepare")
            ),
        ),
        near_miss=True,
    ),
    Mutant(
        FINISH,
        "an error that ends the execution at once",
        set_input(MACHINE, f"{_ALL}.Catch.0.Next", "Succeed"),
    ),
    Mutant(
        FINISH,
        "what was generated is not finished",
        set_input(MACHINE, "definition.States.SaveAll.Next", "Outcome"),
    ),
    Mutant(FINISH, "a start that is not there", set_input(MACHINE, "definition.StartAt", "Begin")),
    Mutant(
        FINISH,
        "what was generated is not saved",
        set_input(MACHINE, f"{_ALL}.Next", "Finish"),
    ),
    Mutant(
        FINISH,
        "one more state on the way",
        all_changes(
            set_input(MACHINE, "definition.States.Pause", {"Type": "Pass", "Next": "SaveAll"}),
            set_input(MACHINE, f"{_ALL}.Next", "Pause"),
        ),
        near_miss=True,
    ),
)
