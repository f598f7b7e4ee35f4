"""The pack on two programs after other people's examples: what it reports makes sense there too.

The lists were read aloud: each line is a fault of the program by this pack's rules, in words that a
reader of that program understands.
"""

from pathlib import Path

import pytest

from checks.pack.analyzer import Violation, analyzer, resources_of
from declared.program import evaluate, stack_config

# pulumi_aws.s3 warns of its own old types when it is imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")

PROGRAMS = Path(__file__).parent / "foreign"


def violations(name: str, account: str | None = "210987654321") -> list[Violation]:
    """What the pack reports of a program's stack dev, as `make policy` calls it without an engine.

    account: as the stack's configuration names it, if it does.
    """
    folder = PROGRAMS / name
    project = name.replace("_", "-")
    given = {f"{project}:accountId": account} if account else {}
    program = evaluate("dev", given, preview=True, folder=folder)
    with analyzer("dev", {**stack_config("dev", folder), **given}, []) as pack:
        return list(pack.analyze_all(resources_of(program)))


def by_resource(found: list[Violation]) -> dict[str, set[str]]:
    """Resource -> the policies that it violates."""
    names = {each.urn.rpartition("::")[2] for each in found}
    return {
        name: {each.policy for each in found if each.urn.rpartition("::")[2] == name}
        for name in names
    }


EXPECTED: dict[str, dict[str, set[str]]] = {
    "web_folder": {
        "index.html": {
            "boundary-recognised-type",
        },
        "site": {
            "bucket-customer-key",
            "bucket-kept",
            "bucket-one-name",
            "bucket-private",
        },
        "site-policy": {
            "preview-inputs-known",
        },
        "site-website": {
            "boundary-recognised-type",
        },
    },
    "hello_steps": {
        "function-policy": {
            "boundary-own-references",
            "grants-data-plane-only",
            "iam-no-wildcard-resource",
            "iam-resource-fits-action",
            "quota-names",
            "stack-grants-its-own",
        },
        "function-role": {
            "quota-names",
            "tagging-required",
        },
        "hello": {
            "encryption-customer-key",
            "expected-functions",
            "observability-log-groups",
            "observability-traced",
            "quota-names",
            "resilience-rollback",
            "resilience-timeouts-nest",
            "stack-waits-for-permissions",
            "tagging-required",
            "wiring-supported-runtime",
        },
        "machine-policy": {
            "iam-no-wildcard-resource",
            "quota-names",
        },
        "machine-role": {
            "iam-trust",
            "quota-names",
            "tagging-required",
        },
        "steps": {
            "alarm-none-missing",
            "observability-machine-log",
            "observability-traced",
            "preview-inputs-known",
            "quota-names",
            "resilience-rollback",
            "stack-waits-for-permissions",
            "tagging-required",
        },
    },
}
"""Program -> resource -> the policies that it violates."""


@pytest.mark.parametrize("name", EXPECTED)
def test_the_violations_are_the_reviewed_ones(name: str) -> None:
    found = violations(name)
    assert by_resource(found) == EXPECTED[name]
    assert all(each.mandatory for each in found)
    assert not any("cannot be read" in each.message for each in found)


@pytest.mark.parametrize("name", EXPECTED)
def test_without_an_account_the_message_names_the_setting(name: str) -> None:
    unread = [each.message for each in violations(name, None) if "cannot be read" in each.message]
    assert unread
    command = f"pulumi config set {name.replace('_', '-')}:accountId"
    assert all(command in message for message in unread)
