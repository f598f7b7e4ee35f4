from bench.preview import EMPTY, PREVIEW, WITH_PACK, report_previews


def test_the_pack_is_measured_against_the_preview_and_that_against_an_empty_program() -> None:
    pack, program = report_previews({PREVIEW: 2.0, WITH_PACK: 3.0, EMPTY: 1.0})
    assert " ".join(pack.split()) == "preview with pack / preview 1.50"
    assert " ".join(program.split()) == "preview / preview of an empty program 2.00"
