"""What the invariants watch."""

from typing import Protocol

from chaos.simulation.faults import Plan
from chaos.simulation.functions import Functions
from chaos.simulation.model import SimulatedModel
from chaos.simulation.postgres.rows import Rows
from chaos.simulation.sandbox import Edges
from chaos.simulation.scheduler import Scheduler
from chaos.simulation.step_functions import StepFunctions
from chaos.simulation.table import Table


class Watched(Protocol):
    """What is watched of a world."""

    plan: Plan
    scheduler: Scheduler
    table: Table
    rows: Rows
    model: SimulatedModel
    machine: StepFunctions
    edges: Edges
    functions: Functions
    budgets: tuple[int, int]
    timeout_seconds: int

    def name(self, identity: str) -> str:
        """The short name of an id."""
        ...
