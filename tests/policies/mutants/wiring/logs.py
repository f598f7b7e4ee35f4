"""Mutants for `policies.rules.wiring.logs`."""

from tests.policies.mutate import Mutant, set_input
from tests.policies.names import GENERATE

NAME = "wiring-logs-carry-metrics"

MUTANTS = (
    Mutant(
        NAME,
        "a function's log group of class INFREQUENT_ACCESS",
        set_input(f"{GENERATE}-log", "logGroupClass", "INFREQUENT_ACCESS"),
    ),
    Mutant(
        NAME,
        "a function's log group of class DELIVERY",
        set_input(f"{GENERATE}-log", "logGroupClass", "DELIVERY"),
    ),
    Mutant(
        NAME,
        "a function that logs errors only",
        set_input(GENERATE, "loggingConfig", {"logFormat": "JSON", "applicationLogLevel": "ERROR"}),
    ),
    Mutant(
        NAME,
        "system logs as JSON",
        set_input(GENERATE, "loggingConfig", {"logFormat": "JSON", "systemLogLevel": "WARN"}),
        near_miss=True,
    ),
    Mutant(
        NAME,
        "the class STANDARD, written down",
        set_input(f"{GENERATE}-log", "logGroupClass", "STANDARD"),
        near_miss=True,
    ),
)
