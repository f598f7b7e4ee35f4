import pytest

from bench.preview import EMPTY, PREVIEW, WITH_PACK, report_previews


def test_the_pack_is_measured_against_the_preview_and_that_against_an_empty_program() -> None:
    pack, program = report_previews({PREVIEW: [2.0, 4.0], WITH_PACK: [3.0, 5.0], EMPTY: [1.0, 2.0]})
    assert pack.name == "preview with pack / preview"
    assert pack.samples == pytest.approx([1.5, 1.25])
    assert program.name == "preview / preview of an empty program"
    assert program.samples == pytest.approx([2.0, 2.0])
