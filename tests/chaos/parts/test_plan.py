"""A seed's plan: from the seed alone, over all cells in turn, and only what can happen."""

import subprocess
import sys
from collections import Counter

from chaos.parts.cells import CELLS, NEEDS_EARLIER, PEOPLE, Cell, Fault, Service, Step
from chaos.parts.plan import AGAIN_START, STEERED, draw


def test_a_seed_has_the_same_plan_in_every_process() -> None:
    code = "from chaos.parts.plan import draw; print(draw(41))"
    command = [sys.executable, "-c", code]
    again = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert again == str(draw(41))
    assert draw(41) != draw(42)


def test_seeds_in_a_row_go_through_all_cells_wherever_they_begin() -> None:
    enough = -(-len(CELLS) // STEERED)
    for first in (0, 1, 977):
        planned = {
            fault.cell for seed in range(first, first + enough) for fault in draw(seed).faults
        }
        assert set(CELLS) <= planned


def test_a_hundred_seeds_plan_every_cell_at_least_twice() -> None:
    counts = Counter(fault.cell for seed in range(100) for fault in draw(seed).faults)

    assert [cell for cell in CELLS if counts[cell] < 2] == []


def test_every_fault_of_a_plan_can_happen_at_its_step() -> None:
    for seed in range(300):
        for fault in draw(seed).faults:
            assert fault.cell in CELLS
            if fault.cell.fault in PEOPLE:  # the call has to name its execution
                assert fault.service in (Service.TABLE, Service.MODEL)


def test_a_fault_of_the_cancelling_function_comes_with_a_cancel() -> None:
    for seed in range(300):
        cells = {fault.cell for fault in draw(seed).faults}
        if any(cell.step is Step.CANCEL for cell in cells):
            assert Cell(Fault.CANCELLED, Step.GENERATE) in cells


def test_what_needs_an_earlier_execution_gets_a_goal_with_two() -> None:
    plans = [draw(seed) for seed in range(300)]
    needing = [p for p in plans if any(f.cell.fault in NEEDS_EARLIER for f in p.faults)]

    assert needing
    assert all(plan.goals[0].again for plan in needing)


def test_a_user_starts_a_task_that_the_next_execution_would_replace() -> None:
    kinds = [(p, {fault.cell.fault for fault in p.faults}) for p in map(draw, range(300))]
    touching = [plan for plan, faults in kinds if Fault.USER_STARTS_TASK in faults]

    assert touching
    assert {plan.goals[0].again for plan in touching} == {AGAIN_START}


def test_the_emulator_dies_once_in_a_seed_at_most() -> None:
    for seed in range(300):
        kinds = [fault.cell.fault for fault in draw(seed).faults]
        assert kinds.count(Fault.EMULATOR_KILLED) <= 1


def test_a_plan_is_printed_with_every_goal_and_fault() -> None:
    plan = draw(7)
    first, *faults = plan.lines()

    assert first.startswith("seed 7: ")
    assert first.count(" actions") == len(plan.goals)
    assert [line.strip() for line in faults] == [str(fault) for fault in plan.faults]
