"""The report of a run: its last line, empty cells, and when it has failed."""

from dataclasses import replace

from chaos.parts.cells import CELLS, Fault
from chaos.parts.report import OF_NO_SEED, Recovery, Run, lines

GREEN = Run(
    seeds=range(1, 101),
    struck=CELLS,
    broken=(),
    recoveries=(),
    goals=300,
    executions=350,
    tasks=4000,
    answered=1000,
    beyond=3,
    lost=3,
    seconds=800,
    excluded={},
)


def test_a_run_without_a_break_and_without_an_empty_cell_is_green() -> None:
    assert not GREEN.has_failed
    *_, last = lines(GREEN)
    assert last == f"seeds 100, faults {len(CELLS)}, invariants broken 0"


def test_a_broken_invariant_fails_the_run_and_names_the_command_that_replays_it() -> None:
    run = replace(GREEN, broken=((17, "3 what succeeded is kept: ... 2 of 5 tasks are lost"),))

    *_, replay, last = lines(run)
    assert run.has_failed
    assert replay == "replay it: make chaos SEEDS=1 FIRST=17"
    assert last.endswith("invariants broken 1")
    assert any("1 lost, 0 duplicate" in line for line in lines(run))


def test_what_belongs_to_the_whole_run_fails_it_and_has_no_seed_to_replay() -> None:
    run = replace(GREEN, broken=((OF_NO_SEED, "the run itself failed"),))

    *_, sentence, _ = lines(run)
    assert run.has_failed
    assert sentence == "BROKEN in no one seed: the run itself failed"


def test_an_empty_cell_fails_a_hundred_seeds_and_is_only_listed_with_fewer() -> None:
    many = replace(GREEN, struck=CELLS[1:])
    few = replace(many, seeds=range(99))

    assert many.has_failed
    assert not few.has_failed
    assert any(str(CELLS[0]) in line and "empty" in line for line in lines(few))
    assert any("no failure" in line for line in lines(few))
    assert not any("no failure" in line for line in lines(many))


def test_what_this_machine_cannot_do_leaves_no_empty_cell_but_is_named() -> None:
    without = tuple(cell for cell in CELLS if cell.fault is not Fault.DISK_FULL)
    run = replace(GREEN, struck=without, excluded={Fault.DISK_FULL: "no permission"})

    assert not run.has_failed
    assert any("disk full" in line and "no permission" in line for line in lines(run))


def test_recovery_is_told_by_kill_with_median_and_maximum() -> None:
    times = tuple(Recovery(Fault.EMULATOR_KILLED, "answers again", s) for s in (1.0, 2.0, 9.0))

    (line,) = (each for each in lines(replace(GREEN, recoveries=times)) if "median" in each)
    assert line == "emulator killed: answers again after 2.0 s (median of 3), 9.0 s at most"


def test_model_calls_paid_twice_are_told_per_ten_thousand() -> None:
    assert any("3 (30 per 10,000): 3 because" in line for line in lines(GREEN))
