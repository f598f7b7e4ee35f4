"""Every recorded execution with its verdict, and the table of verdicts by feature."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.localcloud.aws.recorded.comparison import differences
from tests.localcloud.aws.recorded.definitions import Json, completed
from tests.localcloud.aws.recorded.features import features
from tests.localcloud.aws.recorded.replay import replayed

VERDICTS = ("same", "mended", "gap", "not recorded")
LEDGER: Json = json.loads((Path(__file__).with_name("ledger.json")).read_text())


@dataclass(frozen=True)
class Judged:
    """One recorded execution.

    verdict: same (as it was before states were interpreted here), mended (the same since), gap
    (it differs, in a feature that the ledger names), not recorded (what ran is not known), or
    different. differences: what differs, an entry each.
    """

    id: str
    features: set[str]
    verdict: str
    differences: list[str]


def judged(recording: Json) -> Judged:
    """A recording's verdict, from a replay."""
    run = completed(recording)
    used = features(run.definition)
    if run.missing:
        return Judged(recording["id"], used, "not recorded", [f"not recorded: {run.missing}"])
    try:
        found = differences(recording, replayed(recording, run))
    except AssertionError as refused:
        found = [str(refused)]
    gaps: list[Json] = LEDGER["gaps"]
    if not found:
        verdict = "mended" if recording["id"] in LEDGER["mended"] else "same"
    elif any(gap["feature"] in used for gap in gaps):
        verdict = "gap"
    else:
        verdict = "different"
    return Judged(recording["id"], used, verdict, found)


def table(all_judged: Sequence[Judged]) -> list[str]:
    """The verdicts by feature, a line each; an execution counts for each feature that it uses."""
    rows = {"all": all_judged}
    for feature in sorted(set[str]().union(*(each.features for each in all_judged))):
        rows[feature] = [each for each in all_judged if feature in each.features]
    width = max(len(name) for name in rows)
    lines = [_row("", width, VERDICTS)]
    for name, members in rows.items():
        counts = Counter(each.verdict for each in members)
        different = [f"{counts['different']} DIFFERENT"] if counts["different"] else []
        lines.append(_row(name, width, [*(counts[verdict] for verdict in VERDICTS), *different]))
    return lines


def _row(name: str, width: int, cells: Sequence[Any]) -> str:
    return f"{name:{width}}" + "".join(f"{cell!s:>14}" for cell in cells)
