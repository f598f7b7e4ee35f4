"""What the report says of the peers, and that each has its file, lock, name and row."""

import re

import pytest

from bench.peer_runs.comparison import NAMES, PEERS, Found, report
from bench.peer_runs.environments import LOCKS
from bench.peer_runs.lacks import HEADINGS, LACKS
from bench.peer_runs.stage import Resumed, Timing
from declared.program import ROOT


def test_every_peer_has_one_file_and_every_file_is_a_peer() -> None:
    files = {path.stem for path in (ROOT / "bench" / "peers").glob("*.py")} - {"__init__"}
    assert files == set(PEERS)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peers_lock_has_hashes_and_no_host(peer: str) -> None:
    lock = (LOCKS / f"{peer}.txt").read_text()
    pinned = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", lock, re.M)
    assert pinned
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "://" not in lock
    assert {line.partition("[")[0] for line in (LOCKS / f"{peer}.in").read_text().split()} <= {
        re.split(r"[=\[]", each)[0] for each in pinned
    }


@pytest.mark.parametrize("peer", [*PEERS, "project"])
def test_every_row_says_something_to_every_question(peer: str) -> None:
    assert peer in NAMES
    assert len(LACKS[peer]) == len(HEADINGS) - 1
    assert all(LACKS[peer])


def test_ratios_are_of_each_seeds_own_bound() -> None:
    dbos = Found("dbos", [(2.0, Timing(3.0, 4.0, 1.0)), (4.0, Timing(4.0, 5.0, 3.0))])
    section = report([dbos])
    ratios = {figure.name: list(figure.samples) for figure in section.figures}
    assert ratios == {
        "generate / bound, DBOS": [1.5, 1.0],
        "generate and save / bound, DBOS": [2.0, 1.25],
    }


def test_what_a_kill_cost_stands_beside_what_was_in_flight() -> None:
    restate = Found("restate", [(1.0, Timing(1.0, 1.0, 2.0))])
    restate.generating = Resumed(24, 20, 7.2, 0, 0)
    restate.saving = Resumed(0, 0, 3.0, 31, 1)
    [row] = report([restate]).tables[0].rows
    assert row == ["Restate", "2.0", "24", "20", "7 s", "31", "0", "1"]


def test_a_peer_that_cannot_run_is_in_the_report_with_the_reason() -> None:
    section = report([Found("temporal", absent="this machine has no go")])
    assert not section.figures
    assert section.tables[-1].rows == [["Temporal", "this machine has no go"]]
