"""What the stack costs by service, its trend, and what a goal costs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.maintenance.checklist import Item, item, not_asked
from ops.problems import sentence
from ops.stack import Stack

_SHOWN = 10
_GROWS = 20
"""Percent more than in the month before from which a service needs a look."""

_Costs = defaultdict[str, Decimal]
_LEAST = Decimal("1")
"""US dollars: a service that costs less needs no look, however it grows."""


@dataclass(frozen=True)
class Bill:
    """Service -> US dollars: of the last whole month, of the one before, of this one so far."""

    last: Mapping[str, Decimal]
    before: Mapping[str, Decimal]
    current: Mapping[str, Decimal]


def months(today: date) -> tuple[date, date, date]:
    """The first days of the month before the last one, of the last one and of this one."""
    this = today.replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    return (last - timedelta(days=1)).replace(day=1), last, this


def read_bill(stack: Stack, today: date) -> Bill | str:
    """By Cost Explorer, of the stack's tag Environment; a text says why it cannot be asked."""
    before, last, this = months(today)
    wanted = {
        "TimePeriod": {"Start": f"{before}", "End": f"{today + timedelta(days=1)}"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Tags": {"Key": "Environment", "Values": [stack.names.environment]}},
    }
    found: dict[str, _Costs] = defaultdict(lambda: defaultdict(Decimal))
    token: dict[str, str] = {}
    try:
        while True:
            page = stack.client("ce").get_cost_and_usage(**wanted, **token)
            for result in page["ResultsByTime"]:
                _add(found[result["TimePeriod"]["Start"]], result["Groups"])
            if not page.get("NextPageToken"):
                break
            token = {"NextPageToken": page["NextPageToken"]}
    except (BotoCoreError, ClientError) as error:
        return sentence(error)
    return Bill(found[f"{last}"], found[f"{before}"], found[f"{this}"])


def _add(costs: "_Costs", groups: Iterable[dict[str, Any]]) -> None:
    for group in groups:
        costs[group["Keys"][0]] += Decimal(group["Metrics"]["UnblendedCost"]["Amount"])


def costs(bill: Bill | str, goals: Mapping[str, Decimal], executions: int) -> Item:
    """The bill by service with its trend, and per goal.

    goals: goal id -> US dollars that its model calls cost in the span, from the table.
    executions: how many ran in the span.
    """
    model = sum(goals.values(), Decimal())
    per_goal = f", {model / len(goals):.4f} a goal" if goals else ""
    facts = [
        f"model, from the table: {model:.4f} USD for {len(goals)} goals,"
        f" {executions} executions{per_goal}"
    ]
    dearest = sorted(goals.items(), key=lambda each: -each[1])[:_SHOWN]
    facts += [f"goal {goal}: {cost:.4f} USD" for goal, cost in dearest]
    if isinstance(bill, str):
        return not_asked("costs", f"Cost Explorer does not answer: {bill}", facts)
    total, earlier = _total(bill.last), _total(bill.before)
    facts.append(f"all services, last month: {total:.2f} USD, {_trend(total, earlier)}")
    facts.append(f"all services, this month so far: {_total(bill.current):.2f} USD")
    if goals:
        facts.append(f"all services a goal: {total / len(goals):.4f} USD")
    attention = list[str]()
    for service, cost in sorted(bill.last.items(), key=lambda each: -each[1]):
        before = bill.before.get(service, Decimal())
        facts.append(f"{service}: {cost:.2f} USD, {_trend(cost, before)}")
        if cost >= _LEAST and before and cost > before * (100 + _GROWS) / 100:
            attention.append(f"{service} costs {_trend(cost, before)}: look at its usage types")
    if not bill.last:
        attention.append("no cost has the tag Environment: activate it as a cost allocation tag")
    return item("costs", facts, attention)


def _total(by_service: Mapping[str, Decimal]) -> Decimal:
    return sum(by_service.values(), Decimal())


def _trend(cost: Decimal, before: Decimal) -> str:
    return f"{100 * (cost - before) / before:+.0f} % against the month before" if before else "new"
