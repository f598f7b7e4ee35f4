"""The statements of the two operator roles, and who may assume them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from components.arns import Arn
from components.iam import grants
from components.iam.documents import Statement, allow, document
from components.iam.operator_calls import ACT, LOOK, READS_VARIABLES, Call
from components.iam.operator_places import On
from components.names import DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK, Names
from handlers.contract.functions import FUNCTIONS, WORKFLOW_RECONCILE, WORKFLOW_START
from handlers.contract.table_keys import GOAL_INDEX, MONTH_INDEX

CALLS: dict[str, Mapping[str, tuple[Call, ...]]] = {"look": LOOK, "act": ACT}
"""Role -> command -> what it calls."""

_WITHIN = {On.FUNCTION_LOGS: On.LOGS, On.GOAL_INDEX: On.INDEXES, On.LIVE: On.VERSIONS}
"""Place -> a larger one that holds it: an action there is granted once."""

_WITH_TABLES_KEY = {On.GOAL_INDEX, On.INDEXES, On.RESTORED, On.TABLE}


def operator_policy(kind: str, names: Names) -> list[Statement]:
    """A role's statements; kind: `look` or `act`."""
    return policy_of((call for line in CALLS[kind].values() for call in line), names)


def policy_of(needed: Iterable[Call], names: Names) -> list[Statement]:
    """The statements that some calls take."""
    wanted = set(needed)
    calls = sorted(
        ((on, action) for on, action in wanted if (_WITHIN.get(on), action) not in wanted),
        key=_order,
    )
    by_place: defaultdict[On, list[str]] = defaultdict(list)
    for on, action in calls:
        by_place[on].append(action)
    found = [_statement(on, actions, names) for on, actions in by_place.items()]
    if _WITH_TABLES_KEY & by_place.keys():
        rest = [
            each for each in grants.ENVELOPE_ENCRYPTION if f"kms:{each}" not in by_place[On.KEY]
        ]
        found.append(grants.use_key(names, "dynamodb", *rest))
    if On.RESTORED in by_place:
        found.append(grants.create_tables_grant(names))
    if On.ARCHIVED in by_place:
        found.append(grants.use_key(names, "s3", "Decrypt"))
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
    return allow(actions, resources(on, names), **conditions(on, names))


def conditions(on: On, names: Names) -> dict[str, Any]:
    """What narrows the ARNs of a place to the stack's own, where AWS chooses ids."""
    match on:
        case On.KEY:
            return {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias}}
        case On.BACKUP_PLANS | On.POOL:
            tags = names.tags
            return {"StringEquals": {f"aws:ResourceTag/{key}": tags[key] for key in tags}}
        case _:
            return {}


def resources(on: On, names: Names) -> list[str]:
    """The ARNs of a place."""
    roles = (*map(names.function_role, FUNCTIONS), names.state_machine_role)
    return {
        On.EVERYTHING: ["*"],
        On.APIS: [names.arn(Arn.API, "apis")],
        On.ARCHIVE: [names.arn(Arn.BUCKET, names.archive_bucket)],
        On.ARCHIVED: [names.archived_objects],
        On.BACKUPS: [names.table_backups],
        On.BACKUP_PLANS: [names.arn(Arn.BACKUP_PLAN, "*")],
        On.BACKUP_VAULT: [names.backup_vault_arn],
        On.EXECUTIONS: [names.execution_arns],
        On.FUNCTIONS: [names.function_arn(spec) for spec in FUNCTIONS],
        On.FUNCTION_LOGS: [
            f"{names.log_group_arn(names.function_log_group(spec))}:*" for spec in FUNCTIONS
        ],
        On.GOAL_INDEX: [names.index_arn(GOAL_INDEX)],
        On.INDEXES: [names.index_arn(each) for each in (GOAL_INDEX, MONTH_INDEX)],
        On.KEY: [names.key_arns],
        On.LIVE: [names.function_alias_arn(spec) for spec in FUNCTIONS],
        On.LOGS: [f"{names.log_group_arn(group)}:*" for group in names.log_groups],
        On.MACHINE: [names.state_machine_arn],
        On.POOL: [names.arn(Arn.USER_POOL, "*")],
        On.QUEUES: [names.queue_arn(each) for each in names.queues],
        On.RESTORED: [names.restored_tables],
        On.ROLES: [names.arn(Arn.ROLE, each) for each in roles],
        On.RULES: [*names.rule_arns, names.rule_arn(names.archive_rule)],
        On.SECRETS: [names.secret_arns(each) for each in (DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK)],
        On.START: [names.function_alias_arn(WORKFLOW_START)],
        On.SWEEP: [names.function_alias_arn(WORKFLOW_RECONCILE)],
        On.TABLE: [names.table_arn],
        On.TOPICS: names.topic_arns,
        On.VERSIONS: [names.function_version_arns(spec) for spec in FUNCTIONS],
    }[on]
