"""docs/scale.md is what the model computes; a list is read alike however long it is."""

import pytest

from bench.scale.document import document
from bench.scale.lists import page_read
from bench.scale.quotas import QUOTAS
from declared.program import ROOT
from handlers.contract.statuses import ExecutionStatus


def test_the_document_is_what_the_model_computes() -> None:
    written = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert written == document(), "python -m bench.scale --write docs/scale.md"


def test_every_quota_has_its_page() -> None:
    assert all(each.source.startswith("docs.aws.amazon.com/") for each in QUOTAS)


@pytest.mark.parametrize("status", [None, ExecutionStatus.FAILED])
@pytest.mark.parametrize("deep", [False, True])
def test_a_page_reads_the_same_of_ten_thousand_executions_and_of_a_million(
    status: ExecutionStatus | None, deep: bool
) -> None:
    few = page_read(10_000, status=status, deep=deep)
    many = page_read(1_000_000, status=status, deep=deep)
    assert few == many
    assert many.queries <= 10
    assert many.records == (0 if status else 20)
