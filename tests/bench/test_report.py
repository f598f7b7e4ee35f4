"""One report in three forms; sections that a run leaves out stay as they are."""

from pathlib import Path
from xml.etree import ElementTree

from bench.figures import Figure, Section, Table
from bench.report import figure_lines, read_report, write_report

FACTS = {"processor": "2 x some", "revision": "0123456789ab"}


def section(key: str, *samples: float) -> Section:
    return Section(
        key, f"Title of {key}", "How to read it.", [Figure("ours / theirs", samples, 1.1)]
    )


def test_a_report_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    table = Table("Lacks", ["peer", "what"], [["dbos", "IAM"]])
    written = Section("peers", "Peers", "Text.", [Figure("a / b", [1.0, 1.2], 1.1)], [table])
    write_report(tmp_path, [(written, FACTS)], ["peers"])
    assert read_report(tmp_path) == [(written, FACTS)]


def test_a_partial_run_replaces_its_own_section_only(tmp_path: Path) -> None:
    order = ["one", "two"]
    write_report(tmp_path, [(section("two", 2.0), FACTS), (section("one", 1.0), FACTS)], order)
    later = {"processor": "4 x other"}
    write_report(tmp_path, [(section("two", 3.0), later)], order)

    (one, one_facts), (two, two_facts) = read_report(tmp_path)
    assert (one.key, one.figures[0].median, one_facts) == ("one", 1.0, FACTS)
    assert (two.key, two.figures[0].median, two_facts) == ("two", 3.0, later)


def test_the_document_names_median_spread_goal_and_machine(tmp_path: Path) -> None:
    write_report(tmp_path, [(section("one", 1.0, 3.0, 1.5), FACTS)], ["one"])
    text = (tmp_path / "report.md").read_text()
    assert "| ours / theirs | 1.50 | 1.00 to 3.00 (3) | 1.1 |" in text
    assert "![Title of one](one.svg)" in text
    assert "processor 2 x some; revision 0123456789ab." in text


def test_a_figure_of_one_sample_says_that_it_has_no_spread() -> None:
    [line] = figure_lines(section("one", 1.25))
    assert line.split()[-3:] == ["1.25", "one", "sample"]


def test_the_drawing_places_medians_on_one_scale(tmp_path: Path) -> None:
    figures = [Figure("half & less", [0.5]), Figure("double", [1.5, 2.0, 2.5])]
    write_report(tmp_path, [(Section("one", "T", "t", figures), FACTS)], ["one"])
    drawing = ElementTree.parse(tmp_path / "one.svg")
    half, double = (
        float(circle.attrib["cx"]) for circle in drawing.iter("{http://www.w3.org/2000/svg}circle")
    )
    zero = 430  # where the labels end
    assert (double - zero) / (half - zero) == 4
