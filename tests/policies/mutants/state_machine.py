"""Mutants for `policies.rules.state_machine`."""

from tests.policies.mutate import REMOVED, Mutant, all_changes, set_input
from tests.policies.names import GENERATE, MACHINE, START, TASK

MUTANTS = (
    Mutant(
        "resilience-states-end",
        "a Task without time-out",
        set_input(MACHINE, f"{TASK}.TimeoutSeconds", REMOVED),
    ),
    Mutant(
        "resilience-states-end",
        "a Task without Catch",
        set_input(MACHINE, f"{TASK}.Catch", REMOVED),
    ),
    Mutant(
        "resilience-states-end", "a Task without Retry", set_input(MACHINE, f"{TASK}.Retry", [])
    ),
    Mutant(
        "resilience-states-end",
        "retries without jitter",
        set_input(MACHINE, f"{TASK}.Retry.0.JitterStrategy", "NONE"),
    ),
    Mutant(
        "resilience-states-end",
        "retries of every error",
        set_input(MACHINE, f"{TASK}.Retry.0.ErrorEquals", ["States.ALL"]),
    ),
    Mutant(
        "resilience-states-end",
        "a state machine without time-out",
        set_input(MACHINE, "definition.TimeoutSeconds", REMOVED),
    ),
    Mutant(
        "resilience-states-end",
        "a longer time-out of a Task",
        set_input(MACHINE, f"{TASK}.TimeoutSeconds", 600),
        near_miss=True,
    ),
    Mutant(
        "resilience-map-concurrency",
        "MaxConcurrency 41",
        set_input(MACHINE, "definition.States.GenerateAll.MaxConcurrency", 41),
    ),
    Mutant(
        "resilience-map-concurrency",
        "thirty transactions at once",
        set_input(MACHINE, "definition.States.SaveAll.MaxConcurrency", 30),
    ),
    Mutant(
        "resilience-map-concurrency",
        "no MaxConcurrency",
        set_input(MACHINE, "definition.States.GenerateAll.MaxConcurrency", REMOVED),
    ),
    Mutant(
        "resilience-map-concurrency",
        "a distributed Map without MaxConcurrency",
        all_changes(
            set_input(
                MACHINE,
                "definition.States.GenerateAll.ItemProcessor.ProcessorConfig",
                {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            ),
            set_input(MACHINE, "definition.States.GenerateAll.MaxConcurrency", REMOVED),
        ),
    ),
    Mutant(
        "resilience-map-concurrency",
        "MaxConcurrency computed from the input",
        set_input(MACHINE, "definition.States.GenerateAll.MaxConcurrency", "{% $states.input.n %}"),
    ),
    Mutant(
        "resilience-map-concurrency",
        "MaxConcurrency 40",
        set_input(MACHINE, "definition.States.GenerateAll.MaxConcurrency", 40),
        near_miss=True,
    ),
    Mutant(
        "resilience-timeouts-nest",
        "a function with a longer time-out than its Task",
        set_input(GENERATE, "timeout", 130),
    ),
    Mutant(
        "resilience-timeouts-nest",
        "a function with as long a time-out as the API",
        set_input(START, "timeout", 29),
    ),
    Mutant(
        "resilience-timeouts-nest",
        "an integration of 35 s",
        set_input("api-workflow-start", "timeoutMilliseconds", 35_000),
    ),
    Mutant(
        "resilience-timeouts-nest",
        "a function with a time-out one second shorter than its Task's",
        set_input(GENERATE, "timeout", 129),
        near_miss=True,
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "less reserved concurrency than the state machine needs",
        set_input(GENERATE, "reservedConcurrentExecutions", 23),
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "a reserved concurrency of 0",
        set_input(START, "reservedConcurrentExecutions", 0),
    ),
    Mutant(
        "resilience-reserved-concurrency",
        "as much reserved concurrency as the state machine needs",
        set_input(GENERATE, "reservedConcurrentExecutions", 24),
        near_miss=True,
    ),
)
