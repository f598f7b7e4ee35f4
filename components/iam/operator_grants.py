"""The statements of the two operator roles, and who may assume them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from components.arns import Arn
from components.iam import grants
from components.iam.documents import Statement, allow, document
from components.iam.operator_calls import ACT, LOOK, READS_VARIABLES, Call, On
from components.names import Names
from handlers.contract.functions import FUNCTIONS, WORKFLOW_START
from handlers.contract.table_keys import GOAL_INDEX, MONTH_INDEX

CALLS: dict[str, Mapping[str, tuple[Call, ...]]] = {"look": LOOK, "act": ACT}
"""Role -> command -> what it calls."""

_WITH_TABLES_KEY = {On.GOAL_INDEX, On.INDEXES, On.TABLE}


def operator_policy(kind: str, names: Names) -> list[Statement]:
    """A role's statements; kind: `look` or `act`."""
    return policy_of((call for line in CALLS[kind].values() for call in line), names)


def policy_of(needed: Iterable[Call], names: Names) -> list[Statement]:
    """The statements that some calls take."""
    calls = sorted(set(needed), key=_order)
    by_place: defaultdict[On, list[str]] = defaultdict(list)
    for on, action in calls:
        by_place[on].append(action)
    found = [_statement(on, actions, names) for on, actions in by_place.items()]
    if _WITH_TABLES_KEY & by_place.keys():
        rest = [
            each for each in grants.ENVELOPE_ENCRYPTION if f"kms:{each}" not in by_place[On.KEY]
        ]
        found.append(grants.use_key(names, "dynamodb", *rest))
    if (On.VERSIONS, READS_VARIABLES) in calls:
        found.append(grants.use_key(names, "lambda", "Decrypt"))
    return found


def trust_operators(operators: Sequence[str]) -> str:
    """The trust policy: these users and roles, with a second factor."""
    return document(
        [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": list(operators)},
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ]
    )


def _order(call: Call) -> tuple[int, str]:
    return call[0].value, call[1]


def _statement(on: On, actions: list[str], names: Names) -> Statement:
    alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias}}
    return allow(actions, resources(on, names), **(alias if on == On.KEY else {}))


def resources(on: On, names: Names) -> list[str]:
    """The ARNs of a place."""
    return {
        On.EVERYTHING: ["*"],
        On.APIS: [names.arn(Arn.API, "apis")],
        On.EXECUTIONS: [names.execution_arns],
        On.FUNCTIONS: [names.function_arn(spec) for spec in FUNCTIONS],
        On.GOAL_INDEX: [names.index_arn(GOAL_INDEX)],
        On.INDEXES: [names.index_arn(each) for each in (GOAL_INDEX, MONTH_INDEX)],
        On.KEY: [names.key_arns],
        On.LIVE: [names.function_alias_arn(spec) for spec in FUNCTIONS],
        On.LOGS: [f"{names.log_group_arn(group)}:*" for group in names.log_groups],
        On.MACHINE: [names.state_machine_arn],
        On.QUERIED: [
            f"{names.log_group_arn(group)}:*"
            for group in names.log_groups
            if group != names.api_log_group
        ],
        On.RULES: names.rule_arns,
        On.START: [names.function_alias_arn(WORKFLOW_START)],
        On.TABLE: [names.table_arn],
        On.TOPICS: names.topic_arns,
        On.VERSIONS: [names.function_version_arns(spec) for spec in FUNCTIONS],
    }[on]
