"""`python -m checks.ci_roles`: computes deployment/actions.json from the calls of deployments.

Then it asks both ways: which calls the roles are refused, and which parts of them no call needs.
"""

import json
import sys
from collections.abc import Iterator

from checks.ci_roles.assignment import NoScopeError, computed, needed, unneeded
from checks.ci_roles.comparison import refused
from checks.ci_roles.options import DOMAIN, names_of
from deployment import grants
from deployment.settings import ENVIRONMENTS


def main() -> int:
    """1 if a call is in no scope or refused, or if something is granted that no call needs."""
    try:
        grants.ACTIONS.write_text(json.dumps(computed(), indent=2) + "\n")
    except NoScopeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    problems = [*_problems()]
    sys.stdout.writelines(f"{each}\n" for each in problems)
    return 1 if problems else 0


def _problems() -> Iterator[str]:
    for stack in ENVIRONMENTS:
        for role, granted in (("deploy", grants.deploy), ("preview", grants.preview)):
            calls = [each for each in needed(stack) if each.principal == role]
            for call in refused(granted(names_of(stack), DOMAIN), calls):
                yield f"{stack} {role}: refused: {call.action} on {call.resource}"
        for policy, part in unneeded(stack):
            yield f"{stack} {policy}: no call needs {part}"


if __name__ == "__main__":
    sys.exit(main())
