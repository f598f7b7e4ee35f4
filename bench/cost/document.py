"""docs/cost.md, from the model. `python -m bench.cost` writes it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from textwrap import wrap

from bench.cost import original, ours
from bench.cost.fixed import fixed_cost, fixed_use, snapshot_cost
from bench.cost.goal import Goal
from bench.cost.prices import cost, prices
from components.settings import Settings
from handlers.contract.functions import TASK_GENERATION

FILE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
STACK = "prod"
_GOALS_A_DAY = (1, 100, 10_000)
_DAYS = 30
_HEDGED = 0.05
"""Of the calls, if a second one begins when 95 % of them have ended."""
_KEPT: int = Settings.model_fields["kept_versions"].default


def document() -> str:
    """The whole text."""
    goal = Goal()
    return "\n".join([*_head(goal), *_of_a_goal(goal), *_fixed(goal), *_knobs(goal), *_prices()])


def goal_costs(goal: Goal) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Line -> US dollars of a goal: of this workflow and of the original's shape."""
    mine, theirs = cost(ours.use(goal)), cost(original.use(goal))
    mine["model tokens"] = goal.token_cost(goal.input_tokens)
    theirs["model tokens"] = goal.token_cost(original.INPUT_TOKENS)
    return mine, theirs


def total(costs: Mapping[str, Decimal]) -> Decimal:
    """Their sum."""
    return sum(costs.values(), Decimal())


def _head(goal: Goal) -> list[str]:
    requests = sum(ours.table_requests(goal).values())
    return [
        "# What a goal costs",
        "",
        *_paragraph(
            "Written by `python -m bench.cost` from `bench/cost/`; a test holds this file to the "
            f"model. US dollars in `{goal.region}`, without free tiers, with {goal.actions} "
            f"actions that all succeed at the first call of {goal.call_seconds:g} s. Counted: "
            f"table requests (in tests: {requests}, {requests / goal.actions:.2f} an action), "
            "transitions and log bytes (on the embedded cloud). Estimated: seconds of functions, "
            "tokens (Nova's tokenizer is not public), sizes of the original's logs. Not in it: "
            "the product's PostgreSQL, a VPC's endpoints, data transfer."
        ),
        "",
    ]


def _of_a_goal(goal: Goal) -> list[str]:
    mine, theirs = goal_costs(goal)
    use, their_use = ours.use(goal), original.use(goal)
    lines = [
        "## One goal, beside the original's shape",
        "",
        "| | ours | USD | original's | USD | ours / original's |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {item.replace('_', ' ')} | {_count(use.get(item))} | {_usd(mine.get(item))} "
        f"| {_count(their_use.get(item))} | {_usd(theirs.get(item))} "
        f"| {_ratio(mine.get(item), theirs.get(item))} |"
        for item in sorted({*mine, *theirs}, key=lambda item: -mine.get(item, Decimal()))
    ]
    own, other = total(mine), total(theirs)
    tokens, other_tokens = mine["model tokens"], theirs["model tokens"]
    hedged = total(goal_costs(replace(goal, hedged_share=_HEDGED))[0])
    return [
        *lines,
        f"| **all** | | **{own:.5f}** | | **{other:.5f}** | **{own / other:.2f}** |",
        f"| all but tokens | | {own - tokens:.5f} | | {other - other_tokens:.5f} "
        f"| {(own - tokens) / (other - other_tokens):.2f} |",
        f"| all, with hedging | | {hedged:.5f} | | - | {hedged / other:.2f} |",
        "",
        *_paragraph(
            f"*With hedging*: if {_HEDGED:.0%} of the calls get a second one beside them "
            "(`generation.hedgeAfterSeconds`, off; [decision 0031]"
            "(decisions/0031-use-the-goals-order-for-launching-actions.md)), a goal costs "
            f"{hedged / own - 1:.1%} more: the tokens of both calls and two writes of the table. "
            "What the functions save by waiting less is left out."
        ),
        "",
        *_paragraph(
            f"The original's prompt has about {original.INPUT_TOKENS} tokens: it leaves out most "
            "of the context that the product's facts ask for, has no schema, and nothing against "
            f"injected instructions. With the same context it would have "
            f"{original.INPUT_TOKENS_OF_SAME_CONTEXT}; ours has {goal.input_tokens:g}, "
            f"{goal.input_tokens / original.INPUT_TOKENS_OF_SAME_CONTEXT:.2f} times as many. The "
            "user's texts alone are 360, so 0.6 times is out of reach: what is left beside them "
            "are the rules, the fence, the names of the fields and the tool. Its machine logs all "
            "data of all states; ours logs ids. It keeps its progress in PostgreSQL, where ours "
            "pays for the table."
        ),
        "",
    ]


def _fixed(goal: Goal) -> list[str]:
    use = fixed_use(STACK)
    a_month = fixed_cost(STACK)
    parts = ", ".join(
        f"{item.replace('_', ' ')} {count:g} x {prices()[item].usd}" for item, count in use.items()
    )
    own = total(goal_costs(goal)[0])
    gigabytes = goal.actions_at_once * TASK_GENERATION.memory_mb / 1024
    restores = total(cost({"snapshot_restore_gb": gigabytes}))
    return [
        f"## A month of the stack `{STACK}`",
        "",
        *_paragraph(
            f"{a_month:.2f} USD without a goal: {parts}. An alarm is paid by the metrics that it "
            "reads. Metrics of our handlers are 0.30 USD each and depend on which of them occur. "
            "Provisioned concurrency (5 in prod, a setting) comes on top: about 43 USD for 5 x "
            "1 GB at the price of us-east-1 for arm64 (0.0000033334 USD a GB-second); this "
            "region's could not be read here."
        ),
        "",
        *_paragraph(
            f"SnapStart (`snapStart`, off) instead: {snapshot_cost(1):.2f} USD for the snapshots "
            "of one version of the four functions that somebody waits for, and as much again for "
            f"each older version that `keptVersions` keeps ({_KEPT}: up to "
            f"{snapshot_cost(_KEPT + 1):.0f} USD; `python -m ops prune` deletes those that are too "
            f"many). Each sandbox that starts costs its restore: {restores:.4f} USD if all "
            f"{goal.actions_at_once} of a goal's model calls start cold, {restores / own:.0%} of "
            "the goal. Prices of us-east-1."
        ),
        "",
        "| goals a day | USD a month | USD a goal |",
        "|---|---|---|",
        *(
            f"| {count:,} | {a_month + count * _DAYS * own:,.2f} "
            f"| {a_month / (count * _DAYS) + own:.5f} |"
            for count in _GOALS_A_DAY
        ),
        "",
    ]


def _knobs(goal: Goal) -> list[str]:
    own = total(goal_costs(goal)[0])
    use = ours.use(goal)
    memory = cost({"lambda_gb_second": use["lambda_gb_second"] / 2})["lambda_gb_second"] / own
    logs = cost({"log_gb": ours.machine_log_bytes(goal) / 1e9})["log_gb"] / own
    tokens = goal.token_cost(goal.input_tokens) / 2 / own
    knobs = {
        "`generation.memory` 1024 -> 512 MB": (
            f"{memory:.0%}",
            "The function waits for the model and is paid for its memory. It is a setting; "
            "`ops tune memory` measures what a cold start loses. The guide says 1024.",
        ),
        "the machine's log level ERROR": (
            f"{logs:.0%}",
            "`ops trace` and the saved queries read what the level ALL writes. Not done.",
        ),
        "Bedrock's batch inference": (
            f"{tokens:.0%}",
            "Half the price of tokens, but a job takes 100 records at least, and hours; a goal has "
            "64 actions and a user who waits. Not done.",
        ),
        "Bedrock's flex tier": (
            "0%",
            "About half the price for answers that may come late (Converse's `serviceTier`), but "
            "Nova Micro is not among its models: of Nova's, Pro and Premier are (What's New, "
            "2025-11-18). With another model it would save as much as the batch. Not possible.",
        ),
        "prompt caching": (
            "0%",
            "Nova caches a prefix of 1,000 tokens or more (Bedrock User Guide, Prompt caching); "
            "what our calls share is about 440. Not possible.",
        ),
        "one call for several actions": (
            "up to 15%",
            "One wrong answer would fail all of them, and a small model breaks more rules the more "
            "it writes. Not done: violations must not grow.",
        ),
        "a work item without its context": (
            "5%",
            "Each write of an item of 2.5 KB is three units. Its context in an item of its own "
            "would be a third request an action. Not done.",
        ),
    }
    return [
        "## What would make it cheaper",
        "",
        "| | saves of a goal | why it is so, or not |",
        "|---|---|---|",
        *(f"| {name} | {saves} | {why} |" for name, (saves, why) in knobs.items()),
        "",
    ]


def _prices() -> list[str]:
    return [
        "## Prices",
        "",
        "| item | USD | per | source, read on |",
        "|---|---|---|---|",
        *(
            f"| {price.item.replace('_', ' ')} | {price.usd:f} | {price.per} "
            f"| {price.source}, {price.read} |"
            for price in prices().values()
        ),
        "",
    ]


def _paragraph(text: str) -> list[str]:
    return wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def _count(count: float | None) -> str:
    if count is None:
        return "-"
    return f"{count:,.0f}" if count >= 1 else f"{count:.6f}"


def _usd(amount: Decimal | None, digits: int = 6) -> str:
    return "-" if amount is None else f"{amount:.{digits}f}"


def _ratio(mine: Decimal | None, theirs: Decimal | None) -> str:
    return f"{mine / theirs:.2f}" if mine is not None and theirs else "-"
