"""Mutants for `policies.rules.tagging`."""

from tests.policies.mutate import Mutant, set_input, unchanged
from tests.policies.names import TABLE

MUTANTS = (
    Mutant("tagging-required", "no default tags", unchanged, config={"aws:defaultTags": "{}"}),
    Mutant(
        "tagging-required",
        "dev's tags in production",
        unchanged,
        config={"aws:defaultTags": '{"tags": {"Project": "goal-mandala", "Environment": "dev"}}'},
    ),
    Mutant(
        "tagging-required",
        "a table with dev's tag",
        set_input(TABLE, "tags", {"Environment": "dev"}),
    ),
    Mutant(
        "tagging-required",
        "a table with one more tag",
        set_input(TABLE, "tags", {"Owner": "platform"}),
        near_miss=True,
    ),
)
