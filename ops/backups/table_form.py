"""What a table is besides its items, and what a restored table lacks of it.

A restore brings keys, indexes, capacity and encryption; TTL, recovery, tags and deletion protection
have to be set again (Amazon DynamoDB API Reference, RestoreTableToPointInTime).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from botocore.exceptions import ClientError

from ops.problems import OperatorError

_LOCAL_PAUSE, _PAUSE = 0.1, 5.0
_TRIES = 60
_NOT_YET = {"ContinuousBackupsUnavailableException", "ResourceInUseException"}


@dataclass(frozen=True)
class TableForm:
    """A table's settings.

    keys: (attribute, HASH or RANGE). attributes: (name, type). indexes: name -> keys, projection.
    kms_key: ARN of the customer key; None is AWS's own. ttl: its attribute, None if it is off.
    recovery: to a point in time.
    """

    keys: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    indexes: dict[str, tuple[tuple[tuple[str, str], ...], str]]
    kms_key: str | None
    ttl: str | None
    recovery: bool
    tags: dict[str, str]
    protected: bool

    def as_json(self) -> dict[str, Any]:
        """For the archive."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read_form(client: Any, name: str) -> TableForm:
    """The settings as AWS reports them."""
    table = client.describe_table(TableName=name)["Table"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    tags = client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    is_on = ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    return TableForm(
        keys=_keys(table),
        attributes=tuple(
            sorted(
                (each["AttributeName"], each["AttributeType"])
                for each in table["AttributeDefinitions"]
            )
        ),
        indexes={
            each["IndexName"]: (_keys(each), each["Projection"]["ProjectionType"])
            for each in table.get("GlobalSecondaryIndexes", [])
        },
        kms_key=table.get("SSEDescription", {}).get("KMSMasterKeyArn"),
        ttl=ttl["AttributeName"] if is_on else None,
        recovery=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        # AWS's own tags cannot be set
        tags={e["Key"]: e["Value"] for e in tags if not e["Key"].startswith("aws:")},
        protected=table.get("DeletionProtectionEnabled", False),
    )


def lacking(form: TableForm, wanted: TableForm) -> list[str]:
    """What has to be set on a table; names of fields."""
    return [
        field.name
        for field in fields(TableForm)
        if getattr(form, field.name) != getattr(wanted, field.name)
    ]


def temporary(form: TableForm) -> TableForm:
    """The form of a table that is deleted after the comparison: nothing that takes part in it."""
    return replace(form, ttl=None, recovery=False, protected=False)


def mend(client: Any, name: str, wanted: TableForm, *, is_local: bool) -> list[str]:
    """Set what a restored table lacks, and read it back; what was set.

    Raises OperatorError if keys or indexes differ, which nothing can set, or if a setting does not
    stay.
    """
    missing = lacking(read_form(client, name), wanted)
    if wrong := {"keys", "attributes", "indexes"} & {*missing}:
        raise OperatorError(
            f"{name} has other {', '.join(sorted(wrong))} than the live table: it was saved before"
            " a change of the table's form, so its items cannot be copied back by themselves"
        )
    for setting in missing:
        _retried(lambda setting=setting: _set(client, name, setting, wanted), is_local=is_local)
        wait_until_active(client, name, is_local=is_local)
    left = missing
    for _ in range(_TRIES):
        left = lacking(read_form(client, name), wanted)
        if not left:
            return missing
        time.sleep(_LOCAL_PAUSE if is_local else _PAUSE)
    raise OperatorError(f"{name}: set, but not so when read back: {', '.join(left)}")


def wait_until_active(
    client: Any, name: str, *, is_local: bool, say: Callable[[str], None] | None = None
) -> None:
    """Wait for the table and its indexes, however long. Raises OperatorError if it goes away.

    say: is told every minute that it is still being made.
    """
    started, told = time.monotonic(), 0
    while True:
        try:
            table = client.describe_table(TableName=name)["Table"]
        except client.exceptions.ResourceNotFoundException:
            raise OperatorError(f"{name} is gone while it was made: try again") from None
        states = [table["TableStatus"]]
        states += [e.get("IndexStatus", "ACTIVE") for e in table.get("GlobalSecondaryIndexes", [])]
        if {*states} == {"ACTIVE"}:
            return
        minutes = int((time.monotonic() - started) // 60)
        if say and minutes > told:
            told = minutes
            say(f"{name} is {table['TableStatus']} after {minutes} min; Ctrl-C does not end that")
        time.sleep(_LOCAL_PAUSE if is_local else _PAUSE)


def _set(client: Any, name: str, setting: str, wanted: TableForm) -> None:
    if setting == "kms_key":
        client.update_table(TableName=name, SSESpecification=encryption(wanted.kms_key))
    elif setting == "ttl":
        attribute = {"AttributeName": wanted.ttl or "ttl", "Enabled": wanted.ttl is not None}
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=attribute)
    elif setting == "recovery":
        recovery = {"PointInTimeRecoveryEnabled": wanted.recovery}
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    elif setting == "protected":
        client.update_table(TableName=name, DeletionProtectionEnabled=wanted.protected)
    elif setting == "tags":
        arn = client.describe_table(TableName=name)["Table"]["TableArn"]
        tags = [{"Key": key, "Value": value} for key, value in wanted.tags.items()]
        client.tag_resource(ResourceArn=arn, Tags=tags)


def encryption(key: str | None) -> dict[str, Any]:
    """DynamoDB's SSESpecification for a customer key; for None AWS's own."""
    return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key} if key else {"Enabled": False}


def _retried(call: Any, *, is_local: bool) -> None:
    """A new table refuses some settings for a while."""
    for attempt in range(_TRIES):
        try:
            call()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            if code not in _NOT_YET or attempt == _TRIES - 1:
                raise
        else:
            return
        time.sleep(_LOCAL_PAUSE if is_local else _PAUSE)


def _keys(described: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((each["AttributeName"], each["KeyType"]) for each in described["KeySchema"])
