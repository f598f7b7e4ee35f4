"""The security audit's calls."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from components.names import ALIAS, DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK
from handlers.contract.functions import FUNCTIONS
from ops.maintenance.security import Audit
from ops.problems import is_missing, sentence
from ops.prune import kept_versions, old_versions
from ops.stack import Stack

_POLL_SECONDS = 1.0
_POLLS = 60
_EMPTY = "AWS names no service that the roles may call"
_T = TypeVar("_T")


def read_audit(stack: Stack) -> Audit:
    """Everything that can be read; what cannot is named with the reason."""
    not_asked: dict[str, str] = {}

    def ask(part: str, call: Callable[[Stack], _T], otherwise: _T) -> _T:
        try:
            return call(stack)
        except (BotoCoreError, ClientError) as error:
            not_asked[part] = sentence(error)
            return otherwise

    used = ask("grants", _last_used, {})
    if not any(used.values()) and "grants" not in not_asked:
        not_asked["grants"] = _EMPTY
    mfa, admins, without = ask("MFA", _mfa, (None, 0, 0))
    if mfa is None and "MFA" not in not_asked:
        not_asked["MFA"] = "the stack has no user pool of its own"
    kept = kept_versions(stack.names.environment)
    return Audit(
        used={role: services for role, services in used.items() if services},
        policies=ask("public access", _policies, {}),
        urls=ask("function URLs", _urls, []),
        rotates=ask("key rotation", _rotates, None),
        old_versions=ask("old versions", lambda s: len(old_versions(s, kept)), None),
        unconfirmed=ask("subscriptions", _unconfirmed, []),
        mfa=mfa,
        admins=admins,
        admins_without_mfa=without,
        not_asked=not_asked,
    )


def _last_used(stack: Stack) -> dict[str, dict[str, datetime | None]]:
    client, names = stack.client("iam"), stack.names
    roles = [*(names.function_role(spec) for spec in FUNCTIONS), names.state_machine_role]
    jobs = {
        role: client.generate_service_last_accessed_details(
            Arn=f"arn:aws:iam::{names.account}:role/{role}"
        )["JobId"]
        for role in roles
    }
    return {role: last_used_services(client, job) for role, job in jobs.items()}


def last_used_services(client: Any, job: str) -> dict[str, datetime | None]:
    """Service -> when a role last called it, once IAM's job is done; at most a minute's wait."""
    found: dict[str, datetime | None] = {}
    given: dict[str, str] = {"JobId": job}
    for _ in range(_POLLS):
        page = client.get_service_last_accessed_details(**given)
        if page["JobStatus"] == "IN_PROGRESS":
            time.sleep(_POLL_SECONDS)
            continue
        for each in page["ServicesLastAccessed"]:
            found[each["ServiceNamespace"]] = each.get("LastAuthenticated")
        if not page.get("IsTruncated"):
            break
        given["Marker"] = page["Marker"]
    return found


def _policies(stack: Stack) -> dict[str, str]:
    names = stack.names
    sqs, sns, kms = stack.client("sqs"), stack.client("sns"), stack.client("kms")
    functions, secrets = stack.client("lambda"), stack.client("secretsmanager")
    reads: dict[str, Callable[[], str | None]] = {}
    for spec in FUNCTIONS:
        name = names.function(spec)
        reads[f"function {name}"] = lambda name=name: functions.get_policy(
            FunctionName=name, Qualifier=ALIAS
        )["Policy"]
    for arn in names.topic_arns:
        reads[f"topic {arn}"] = lambda arn=arn: sns.get_topic_attributes(TopicArn=arn)[
            "Attributes"
        ].get("Policy")
    for queue in names.queues:
        reads[f"queue {queue}"] = lambda queue=queue: (
            sqs.get_queue_attributes(
                QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], AttributeNames=["Policy"]
            )
            .get("Attributes", {})
            .get("Policy")
        )
    for secret in map(names.secret, (DATABASE_URL, JWT_SECRET, SLACK_WEBHOOK)):
        reads[f"secret {secret}"] = lambda secret=secret: secrets.get_resource_policy(
            SecretId=secret
        ).get("ResourcePolicy")
    reads[f"key {names.key_alias}"] = lambda: kms.get_key_policy(
        KeyId=stack.key_arn, PolicyName="default"
    )["Policy"]
    reads[f"table {names.table}"] = lambda: stack.client("dynamodb").get_resource_policy(
        ResourceArn=names.table_arn
    )["Policy"]
    found = {name: _or_none(read) for name, read in reads.items()}
    return {name: policy for name, policy in found.items() if policy}


def _or_none(read: Callable[[], str | None]) -> str | None:
    """What has no policy is open to nobody outside the account."""
    try:
        return read()
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def _urls(stack: Stack) -> list[str]:
    client = stack.client("lambda")
    names = [stack.names.function(spec) for spec in FUNCTIONS]
    return [
        name
        for name in names
        if client.list_function_url_configs(FunctionName=name).get("FunctionUrlConfigs")
    ]


def _rotates(stack: Stack) -> bool | None:
    if stack.key_arn is None:
        return None
    return stack.client("kms").get_key_rotation_status(KeyId=stack.key_arn)["KeyRotationEnabled"]


def _unconfirmed(stack: Stack) -> list[str]:
    pages = stack.client("sns").get_paginator("list_subscriptions_by_topic")
    return [
        f"{each['Protocol']} of {arn.rpartition(':')[2]}"  # its address is somebody's
        for arn in stack.names.topic_arns
        for page in pages.paginate(TopicArn=arn)
        for each in page["Subscriptions"]
        if each["SubscriptionArn"] == "PendingConfirmation"
    ]


def _mfa(stack: Stack) -> tuple[str | None, int, int]:
    """The pool's MFA, how many admins it has, and how many of them have none themselves."""
    client = stack.client("cognito-idp")
    pools = client.get_paginator("list_user_pools").paginate(MaxResults=60)
    mine = [
        each["Id"] for page in pools for each in page["UserPools"]
        if each["Name"] == stack.names.prefix
    ]  # fmt: skip
    if not mine:
        return None, 0, 0
    pool = mine[0]
    config = client.get_user_pool_mfa_config(UserPoolId=pool).get("MfaConfiguration", "OFF")
    pages = client.get_paginator("list_users_in_group").paginate(UserPoolId=pool, GroupName="admin")
    admins = [user["Username"] for page in pages for user in page["Users"]]
    without = sum(
        not client.admin_get_user(UserPoolId=pool, Username=name).get("UserMFASettingList")
        for name in admins
    )
    return config, len(admins), without
