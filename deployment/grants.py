"""What CI's two roles may do: make what the program declares, under the stack's own names.

`*` stands after `goal-mandala-{env}-`, which no other stack's names begin with: a deployment makes
what is not there yet. Ids that AWS makes up are narrowed by the stack's tags where AWS offers it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from components.iam.grants import ENVELOPE_ENCRYPTION, Statement, allow
from components.names import ALIAS, Names
from deployment import actions
from deployment.actions import Needs


def preview(names: Names) -> list[Statement]:
    """See all that is there, for previews and for drift."""
    return [
        *_statements(names, {needs: needs.read for needs in actions.NEEDS}),
        allow(["kms:Decrypt"], [names.key_arns], **_through(names, "lambda", "secretsmanager")),
    ]


def deploy(names: Names) -> list[Statement]:
    """Make, change and delete it, and see it."""
    bounded = [f"iam:{action}" for action in actions.BOUNDED]
    roles = [f"arn:aws:iam::{names.account}:role/{names.prefix}-*"]
    services = ["lambda.amazonaws.com", "states.amazonaws.com"]
    return [
        *_statements(names, {needs: needs.read + needs.write for needs in actions.NEEDS}),
        # A role that CI makes or changes stays within the boundary, which CI cannot change.
        allow(bounded, roles, StringEquals={"iam:PermissionsBoundary": names.boundary_arn}),
        allow(["iam:PassRole"], roles, StringEquals={"iam:PassedToService": services}),
        # New keys and pools: by the tags that they are given. A key that already has an alias is
        # somebody's, and is not tagged to be ours.
        allow(["cognito-idp:CreateUserPool", "kms:CreateKey"], ["*"], StringEquals=_asked(names)),
        allow(["cognito-idp:TagResource"], [_pools(names)], StringEquals=_asked(names)),
        allow(
            ["kms:TagResource"],
            [names.key_arns],
            StringEquals=_asked(names),
            **{"ForAllValues:StringEquals": {"kms:ResourceAliases": names.key_alias}},
        ),
        allow(
            ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
            [names.key_arns],
            StringEquals=_tagged(names),
        ),
        # On behalf of the services that encrypt what they are given.
        allow(
            ["kms:CreateGrant", *(f"kms:{action}" for action in ENVELOPE_ENCRYPTION)],
            [names.key_arns],
            **_through(names, "dynamodb", "lambda", "secretsmanager"),
        ),
        allow([f"logs:{action}" for action in actions.DELIVERY], ["*"]),
        # A function in a VPC: Lambda looks at what it is given as its caller.
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
    # Of all alarms: for composite alarms AWS takes no narrower scope (CloudWatch API Reference:
    # DescribeAlarms).
    yield allow(["cloudwatch:DescribeAlarms", "logs:DescribeLogGroups"], ["*"])


_WITHOUT_RESOURCES = frozenset(
    {
        *["kms:ListAliases", "lambda:CreateEventSourceMapping", "sns:GetSubscriptionAttributes"],
        *["logs:DeleteQueryDefinition", "logs:DescribeQueryDefinitions"],
        *["logs:PutQueryDefinition", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"],
    }
)
"""These actions have no resource level (Service Authorization Reference)."""


def _scopes(names: Names) -> Sequence[tuple[Needs, list[str], dict[str, Any]]]:
    regional = f"{names.region}:{names.account}"
    prefix = names.prefix
    functions = f"arn:aws:lambda:{regional}:function:{prefix}-*"
    tagged = {"StringEquals": _tagged(names)}
    groups = [
        f"/aws/lambda/{prefix}-*",
        names.state_machine_log_group,
        f"/aws/apigateway/{prefix}-*",
    ]
    apis = f"arn:aws:apigateway:{names.region}::"
    return [
        (actions.ROLES, [f"arn:aws:iam::{names.account}:role/{prefix}-*"], {}),
        (actions.FUNCTIONS, [functions, f"{functions}:{ALIAS}"], {}),
        (
            actions.EVENT_SOURCES,
            [f"arn:aws:lambda:{regional}:event-source-mapping:*"],
            {"ArnLike": {"lambda:FunctionArn": functions}},
        ),
        (actions.MACHINE, [names.state_machine_arn], {}),
        (actions.TABLE, [names.table_arn], {}),
        (actions.SECRETS, [f"arn:aws:secretsmanager:{regional}:secret:{prefix}-*"], {}),
        (
            actions.TOPICS,
            [names.topic_arn(each) for each in (names.alerts_topic, names.notifications_topic)],
            {},
        ),
        (actions.QUEUES, [f"arn:aws:sqs:{regional}:{prefix}-*"], {}),
        (actions.RULES, [f"arn:aws:events:{regional}:rule/{prefix}-*"], {}),
        (
            actions.ALARMS,
            [names.alarm_arns, f"arn:aws:cloudwatch::{names.account}:dashboard/{names.dashboard}"],
            {},
        ),
        (actions.LOG_GROUPS, [f"{names.log_group_arn(each)}" for each in groups], {}),
        (actions.KEY, [names.key_arns], tagged),
        (actions.KEY_ALIAS, [f"arn:aws:kms:{regional}:{names.key_alias}"], {}),
        # An API's id is AWS's, and what is below an API carries no tags to narrow it by.
        (actions.API, [f"{apis}/apis", f"{apis}/apis/*", f"{apis}/tags/*"], {}),
        (actions.USER_POOL, [_pools(names)], tagged),
        (actions.SAVED_QUERIES, [], {}),
    ]


def _pools(names: Names) -> str:
    return f"arn:aws:cognito-idp:{names.region}:{names.account}:userpool/*"


def _tagged(names: Names) -> dict[str, str]:
    return {f"aws:ResourceTag/{key}": value for key, value in _tags(names).items()}


def _asked(names: Names) -> dict[str, str]:
    return {f"aws:RequestTag/{key}": value for key, value in _tags(names).items()}


def _tags(names: Names) -> dict[str, str]:
    return {"Project": "goal-mandala", "Environment": names.environment}


def _through(names: Names, *services: str) -> dict[str, Any]:
    via = [f"{service}.{names.region}.amazonaws.com" for service in services]
    return {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": names.key_alias},
        "StringEquals": {"kms:ViaService": via},
    }
