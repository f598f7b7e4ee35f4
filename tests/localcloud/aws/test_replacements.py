"""The table of replaced functions agrees with MiniStack and with the documents."""

import re

import pytest

from localcloud.aws.replacements import INTERPRETER_SECTIONS, REPLACEMENTS, Replacement
from localcloud.cluster.state import CHECKOUT

CLOUD = (CHECKOUT / "docs" / "embedded-cloud.md").read_text()
UPSTREAM = (CHECKOUT / "docs" / "upstream.md").read_text()


def row(replacement: Replacement) -> str:
    """A replacement's row of the table in docs/embedded-cloud.md."""
    module = replacement.function.__module__.removeprefix("localcloud.aws.")
    function = f"{module}.{replacement.function.__name__}"
    return f"| `{replacement.original}` | `{function}` | {replacement.reason} |"


@pytest.mark.parametrize("replacement", REPLACEMENTS, ids=lambda each: each.original)
def test_ministack_has_the_original(replacement: Replacement) -> None:
    assert callable(getattr(replacement.owner, replacement.name))


def test_no_function_is_replaced_twice() -> None:
    originals = [each.original for each in REPLACEMENTS]

    assert len(set(originals)) == len(originals)


def test_the_document_has_the_table() -> None:
    rows = [line for line in CLOUD.splitlines() if re.match(r"\| `(app|core|services)\.", line)]

    assert rows == [row(each) for each in REPLACEMENTS]


def test_every_difference_from_aws_has_a_section_in_the_upstream_document() -> None:
    sections = re.findall(r"^## (.+)$", UPSTREAM, re.M)

    replaced = {each.upstream for each in REPLACEMENTS if each.upstream}
    assert set(sections) == replaced | {*INTERPRETER_SECTIONS, "Helpers"}


def test_both_documents_have_the_number_of_replacements() -> None:
    for document in (CLOUD, UPSTREAM):
        assert f"{len(REPLACEMENTS)} functions of MiniStack" in " ".join(document.split())
