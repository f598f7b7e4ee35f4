"""Mutants for `policies.rules.levels`: the program is right, the pack's configuration is not."""

from policies.rules import levels
from tests.policies.mutate import Mutant, unchanged


def _configured(what: str, *, near_miss: bool = False, **given: str) -> Mutant:
    """The pack with levels; _ in a policy's name stands for -."""
    by_name = {name.replace("_", "-"): level for name, level in given.items()}
    return Mutant(levels.POLICY, what, unchanged, near_miss, levels=by_name)


MUTANTS = (
    _configured("a policy is switched off", iam_trust="disabled"),
    _configured("a policy of the stack is switched off", access_own_account="disabled"),
    _configured("a policy only gives advice", encryption_customer_key="advisory"),
    _configured("every policy is switched off", all="disabled"),
    _configured("this policy is switched off", pack_all_mandatory="disabled"),
    _configured("a name with a typing error", acess_cors="mandatory"),
    _configured("all policies as they are without it", all="mandatory", near_miss=True),
    _configured("a level as it is without it", iam_trust="mandatory", near_miss=True),
    _configured(
        "a policy that mends what it refuses", tagging_required="remediate", near_miss=True
    ),
)
