"""Where CI's roles may act: the resources of one stack, and the conditions that keep to them.

`*` stands after `goal-mandala-{env}-`, with which no other stack's names begin: a deployment
creates what does not exist yet. Where AWS generates an id, the stack's tags narrow the resources if
AWS supports that. No scope takes the key's alias: on the first deployment it does not exist yet,
and for five minutes after it may not count (AWS KMS Developer Guide: ABAC for AWS KMS).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.arns import Arn
from components.names import Names
from components.settings import QUOTA_CODE, SERVICE_CODE

_ANYWHERE = ("*",)


@dataclass(frozen=True)
class Scope:
    """Resources, and conditions by operator."""

    resources: tuple[str, ...]
    conditions: Mapping[str, Any] = field(default_factory=dict[str, Any])


def tags(names: Names) -> dict[str, str]:
    """The tags of everything in a stack (`aws:defaultTags`)."""
    return {"Project": "goal-mandala", "Environment": names.environment}


def scopes(names: Names, domain: str | None = None, *, reading: bool = False) -> dict[str, Scope]:
    """Every scope of a stack by its name in `actions.json`, the narrower ones first.

    domain: the API's custom domain; without one CI makes none. reading: without the resources on
    which only changes are judged.
    """
    own = f"{names.prefix}-*"
    function = names.arn(Arn.FUNCTION, own)
    mapping = (names.arn(Arn.EVENT_SOURCE_MAPPING, "*"),)
    roles = (names.arn(Arn.ROLE, own),)
    keys = (names.key_arns,)
    pools = (names.arn(Arn.USER_POOL, "*"),)
    plans = (names.arn(Arn.BACKUP_PLAN, "*"),)
    asked = {f"aws:RequestTag/{key}": value for key, value in tags(names).items()}
    worn = {f"aws:ResourceTag/{key}": value for key, value in tags(names).items()}
    # what CI reads of variables and secrets, and what it sends for tables and vaults too
    encrypting = ("lambda", "secretsmanager")
    if not reading:
        encrypting = ("backup", "dynamodb", *encrypting)
    services = [f"{service}.{names.region}.amazonaws.com" for service in encrypting]

    def log_groups(*groups: str) -> list[str]:
        return [names.log_group_arn(each) for each in groups]

    def api(*paths: str) -> list[str]:
        return [names.arn(Arn.API, path) for path in paths]

    def also_changing(resources: list[str], more: list[str]) -> Scope:
        return Scope(tuple(resources if reading else resources + more))

    found = {
        "passed roles": Scope(
            roles,
            _equal(
                {
                    "iam:PassedToService": [
                        f"{service}.amazonaws.com" for service in ("backup", "lambda", "states")
                    ]
                }
            ),
        ),
        # A role that CI creates or changes keeps to a boundary, which CI cannot change.
        "bounded roles": Scope(roles, _equal({"iam:PermissionsBoundary": names.boundary_arns})),
        "roles": Scope(roles),
        "functions": Scope((function,)),
        "event sources": Scope(mapping, {"ArnLike": {"lambda:FunctionArn": function}}),
        # lambda:FunctionArn is no condition key of these (Lambda Developer Guide: tags on event
        # source mappings).
        "event sources', pools' and plans' tags": Scope((*mapping, *pools, *plans), _equal(asked)),
        "machine": Scope((names.state_machine_arn,)),
        "table": Scope((names.table_arn,)),
        "vault": Scope((names.backup_vault_arn,)),
        "archive": Scope((names.arn(Arn.BUCKET, names.archive_bucket),)),
        "secrets": Scope((names.arn(Arn.SECRET, own),)),
        "topics": Scope(tuple(names.topic_arns)),
        "queues": Scope((names.arn(Arn.QUEUE, own),)),
        "rules": Scope((names.arn(Arn.RULE, own),)),
        "alarms and dashboard": Scope(
            (names.alarm_arns, names.arn(Arn.DASHBOARD, names.dashboard))
        ),
        # All but the tags' calls are judged with :* (CloudWatch Logs User Guide: forms of ARNs),
        # which the * of the first two covers.
        "log groups": also_changing(
            log_groups(
                f"/aws/lambda/{own}", f"/aws/apigateway/{own}", names.state_machine_log_group
            ),
            log_groups(f"{names.state_machine_log_group}:*"),
        ),
        # A key that has an alias belongs to another stack or program, and may not get our tags.
        "keys' tags": Scope(
            keys,
            {
                **_equal(asked),
                "ForAllValues:StringEquals": {"kms:ResourceAliases": names.key_alias},
            },
        ),
        # For the services that encrypt what CI sends them.
        "keys through services": Scope(keys, _equal({**worn, "kms:ViaService": services})),
        "keys, pools, event sources and plans": Scope(
            (*keys, *pools, *mapping, *plans), _equal(worn)
        ),
        "key's alias": Scope((names.arn(Arn.KEY_ALIAS, names.key_alias),)),
        # API Gateway generates an API's id, and what is below an API has no tags to narrow it by.
        "APIs": also_changing(api("apis/*"), api("apis", "tags/*")),
        "quota": Scope((names.arn(Arn.QUOTA, f"{SERVICE_CODE}/{QUOTA_CODE}"),)),
        "new event sources": Scope(_ANYWHERE, {"ArnLike": {"lambda:FunctionArn": function}}),
        "new keys and pools": Scope(_ANYWHERE, _equal(asked)),
        # Actions without a resource level (Service Authorization Reference), and DescribeAlarms of
        # composite alarms (CloudWatch API Reference: DescribeAlarms).
        "everywhere": Scope(_ANYWHERE),
    }
    if domain:
        own_paths = api(f"domainnames/{domain}", f"domainnames/{domain}/*")
        found["domain"] = also_changing(own_paths, api("domainnames"))
    return found


def _equal(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"StringEquals": dict(values)}
