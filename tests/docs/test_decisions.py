"""The decisions are indexed and have one form; links between the documents lead somewhere."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "decisions"
INDEX = FOLDER / "README.md"
DECISIONS = sorted(set(FOLDER.iterdir()) - {INDEX})
FORM = re.compile(
    r"# (Use .+ for .+)\n\n"
    r"- Status: (?:accepted|superseded by \[\d{4}\]\(\S+\))\n"
    r"- Date: (\d{4}-\d{2}-\d{2})\n\n"
    r"\*\*What\.\*\* .+^\*\*Why\.\*\* .+^\*\*Rejected\.\*\*",
    re.M | re.S,
)
MAX_LINES = 40

CODE = re.compile(r"```.*?```|`[^`]*`", re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"docs/decisions/([\w-]+\.md)")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def files(*patterns: str) -> Iterator[Path]:
    """The repository's files of these names; none below a hidden folder such as `.venv`."""
    for pattern in patterns:
        yield from ROOT.glob(pattern)
        for folder in ROOT.iterdir():
            if folder.is_dir() and not folder.name.startswith("."):
                yield from folder.rglob(pattern)


DOCUMENTS = sorted({*files("README*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"})


def of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DECISIONS, ids=of)
def test_a_decision_is_short_and_has_title_status_date_and_reasons(path: Path) -> None:
    text = read(path)

    form = FORM.match(text)
    assert form, "title `Use X for Y`, Status, Date, then What, Why and Rejected"
    assert date.fromisoformat(form[2])
    assert len(text.splitlines()) <= MAX_LINES


def test_decisions_are_numbered_from_1_without_gaps() -> None:
    numbers = [path.name.partition("-use-")[0] for path in DECISIONS]

    assert numbers == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]


def test_the_index_names_every_decision_once_by_number_and_title() -> None:
    rows = re.findall(r"^\|[^|]*\| \[(\d{4}) ([^]]+)\]\(([^)]+)\) \|", read(INDEX), re.M)

    assert rows == [
        (path.name[:4], read(path).partition("\n")[0].removeprefix("# "), path.name)
        for path in DECISIONS
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=of)
def test_relative_links_lead_to_what_exists(path: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(CODE.sub("", read(path)))]
    relative = [target for target in targets if target and "://" not in target]

    assert [target for target in relative if not (path.parent / target).exists()] == []


def test_decisions_that_files_name_by_their_path_exist() -> None:
    named = {
        (of(path), name)
        for path in files("*.py", "*.in", "*.md", "*.toml", "*.yml", "*.yaml", "Makefile")
        for name in NAMED.findall(read(path))
    }

    assert named
    assert {(by, name) for by, name in named if not (FOLDER / name).exists()} == set()
