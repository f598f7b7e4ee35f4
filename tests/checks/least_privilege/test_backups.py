"""AWS Backup's role: every call of a backup is granted, and nothing else."""

from checks.least_privilege.comparison import compare
from checks.least_privilege.grants import grants_of
from checks.least_privilege.services import service_calls
from checks.least_privilege.stack import declared_stack

ROLE = "goal-mandala-prod-backup-role"


def test_the_calls_of_a_backup_are_what_its_role_is_granted() -> None:
    stack = declared_stack("prod", {})
    grants = grants_of(stack)
    calls = [
        each
        for each in service_calls(stack, ())
        if each.principal == ROLE or each.resource.endswith(f":role/{ROLE}")
    ]
    comparison = compare(grants, calls)
    own = {
        each for each in grants if each.principal == ROLE or each.resource.endswith(f":role/{ROLE}")
    }
    assert len(calls) > 10
    assert comparison.ungranted == ()
    assert own & set(comparison.unused) == set()
