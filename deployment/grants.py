"""What CI's two roles may do: create what the program declares, under the stack's own names.

`*` stands after `goal-mandala-{env}-`, with which no other stack's names begin: a deployment
creates what does not exist yet. Where AWS generates an id, the stack's tags narrow the resources if
AWS supports that.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from components.arns import Arn
from components.iam.documents import Statement, allow
from components.iam.grants import ENVELOPE_ENCRYPTION, through
from components.names import ALIAS, Names
from components.settings import QUOTA_CODE, SERVICE_CODE
from deployment import actions
from deployment.actions import Needs


def preview(names: Names) -> list[Statement]:
    """Read everything, for previews and for drift."""
    return [
        *_statements(names, {needs: needs.read for needs in actions.NEEDS}),
        allow(["kms:Decrypt"], [names.key_arns], **through(names, "lambda", "secretsmanager")),
        _read_quota(names),
    ]


def deploy(names: Names) -> list[Statement]:
    """Create, change, delete and read everything."""
    bounded = [f"iam:{action}" for action in actions.BOUNDED]
    roles = [names.arn(Arn.ROLE, f"{names.prefix}-*")]
    services = ["lambda.amazonaws.com", "states.amazonaws.com"]
    return [
        *_statements(names, {needs: needs.read + needs.write for needs in actions.NEEDS}),
        # A role that CI creates or changes keeps to the boundary, which CI cannot change.
        allow(bounded, roles, StringEquals={"iam:PermissionsBoundary": names.boundary_arn}),
        allow(["iam:PassRole"], roles, StringEquals={"iam:PassedToService": services}),
        # New keys and pools: by the tags in the request. A key that has an alias belongs to another
        # stack or program, and may not get this stack's tags.
        allow(
            ["cognito-idp:CreateUserPool", "kms:CreateKey"],
            ["*"],
            StringEquals=_request_tags(names),
        ),
        allow(["cognito-idp:TagResource"], [_pools(names)], StringEquals=_request_tags(names)),
        allow(
            ["kms:TagResource"],
            [names.key_arns],
            StringEquals=_request_tags(names),
            **{"ForAllValues:StringEquals": {"kms:ResourceAliases": names.key_alias}},
        ),
        allow(
            ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            [names.key_arns],
            StringEquals=_resource_tags(names),
        ),
        # For the services that encrypt what CI sends them.
        allow(
            ["kms:CreateGrant", *(f"kms:{action}" for action in ENVELOPE_ENCRYPTION)],
            [names.key_arns],
            **through(names, "dynamodb", "lambda", "secretsmanager"),
        ),
        allow([f"logs:{action}" for action in actions.DELIVERY], ["*"]),
        _read_quota(names),
        # A function in a VPC: Lambda reads the subnets and groups with its caller's permissions.
        allow(["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"], ["*"]),
    ]


def _statements(names: Names, wanted: dict[Needs, tuple[str, ...]]) -> Iterable[Statement]:
    for needs, resources, conditions in _scopes(names):
        listed = [f"{needs.service}:{action}" for action in sorted(wanted[needs])]
        everywhere = [each for each in listed if each in _WITHOUT_RESOURCES]
        if everywhere:
            yield allow(everywhere, ["*"], **conditions)
        if named := [each for each in listed if each not in everywhere]:
            yield allow(named, resources, **conditions)
    # For composite alarms AWS takes no narrower scope than all alarms (CloudWatch API Reference:
    # DescribeAlarms).
    yield allow(["cloudwatch:DescribeAlarms", "logs:DescribeLogGroups"], ["*"])


_WITHOUT_RESOURCES = frozenset(
    {
        "kms:ListAliases",
        "lambda:CreateEventSourceMapping",
        "logs:DeleteQueryDefinition",
        "logs:DescribeQueryDefinitions",
        "logs:PutQueryDefinition",
        "sns:GetSubscriptionAttributes",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
    }
)
"""These actions have no resource level (Service Authorization Reference)."""


def _scopes(names: Names) -> Sequence[tuple[Needs, list[str], dict[str, Any]]]:
    own = f"{names.prefix}-*"
    functions = names.arn(Arn.FUNCTION, own)
    tagged = {"StringEquals": _resource_tags(names)}
    log_groups = [
        f"/aws/lambda/{own}",
        names.state_machine_log_group,
        f"/aws/apigateway/{own}",
    ]
    return [
        (actions.ROLES, [names.arn(Arn.ROLE, own)], {}),
        (actions.FUNCTIONS, [functions, f"{functions}:{ALIAS}"], {}),
        (
            actions.EVENT_SOURCES,
            [names.arn(Arn.EVENT_SOURCE_MAPPING, "*")],
            {"ArnLike": {"lambda:FunctionArn": functions}},
        ),
        (actions.MACHINE, [names.state_machine_arn], {}),
        (actions.TABLE, [names.table_arn], {}),
        (actions.SECRETS, [names.arn(Arn.SECRET, own)], {}),
        (actions.TOPICS, names.topic_arns, {}),
        (actions.QUEUES, [names.arn(Arn.QUEUE, own)], {}),
        (actions.RULES, [names.arn(Arn.RULE, own)], {}),
        (actions.ALARMS, [names.alarm_arns, names.arn(Arn.DASHBOARD, names.dashboard)], {}),
        (actions.LOG_GROUPS, [names.log_group_arn(each) for each in log_groups], {}),
        (actions.KEY, [names.key_arns], tagged),
        (actions.KEY_ALIAS, [names.arn(Arn.KEY_ALIAS, names.key_alias)], {}),
        # API Gateway generates an API's id, and what is below an API has no tags to narrow it by.
        (actions.API, [names.arn(Arn.API, each) for each in ("apis", "apis/*", "tags/*")], {}),
        (actions.USER_POOL, [_pools(names)], tagged),
        (actions.SAVED_QUERIES, [], {}),
    ]


def _read_quota(names: Names) -> Statement:
    """Read Lambda's quota of concurrent executions, into which the stack must fit."""
    quota = names.arn(Arn.QUOTA, f"{SERVICE_CODE}/{QUOTA_CODE}")
    return allow(["servicequotas:GetServiceQuota"], [quota])


def _pools(names: Names) -> str:
    return names.arn(Arn.USER_POOL, "*")


def _resource_tags(names: Names) -> dict[str, str]:
    return {f"aws:ResourceTag/{key}": value for key, value in _tags(names).items()}


def _request_tags(names: Names) -> dict[str, str]:
    return {f"aws:RequestTag/{key}": value for key, value in _tags(names).items()}


def _tags(names: Names) -> dict[str, str]:
    return {"Project": "goal-mandala", "Environment": names.environment}
