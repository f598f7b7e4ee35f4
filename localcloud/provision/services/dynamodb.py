"""Tables."""

from typing import Any

from localcloud.provision.provisioner import Clients, Properties, from_key_values, key_values

_INDEXES = "globalSecondaryIndexes"


def create_table(clients: Clients, declared: Properties) -> str:
    """CreateTable, UpdateTimeToLive and UpdateContinuousBackups."""
    dynamodb, name = clients("dynamodb"), declared["name"]
    encryption = declared.get("serverSideEncryption")
    indexes = [_index(index, declared) for index in declared.get(_INDEXES, [])]
    options = {
        "GlobalSecondaryIndexes": indexes,
        "SSESpecification": encryption and _sse(encryption),
        "ProvisionedThroughput": _throughput(declared),
        "TableClass": declared.get("tableClass"),
    }
    dynamodb.create_table(
        TableName=name,
        BillingMode=declared.get("billingMode", "PROVISIONED"),
        AttributeDefinitions=[
            {"AttributeName": each["name"], "AttributeType": each["type"]}
            for each in declared["attributes"]
        ],
        KeySchema=_key_schema(declared),
        DeletionProtectionEnabled=declared.get("deletionProtectionEnabled", False),
        Tags=key_values(declared.get("tags", {})),
        **{option: value for option, value in options.items() if value},
    )
    if (ttl := declared.get("ttl")) and ttl.get("enabled"):
        dynamodb.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": ttl["attributeName"]},
        )
    if (recovery := declared.get("pointInTimeRecovery")) and recovery["enabled"]:
        _set_recovery(dynamodb, name, recovery)
    return name


def read_table(clients: Clients, name: str, _declared: Properties) -> Properties:
    """DescribeTable, with its TTL, its continuous backups and its tags."""
    dynamodb = clients("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    encryption = table.get("SSEDescription", {})
    tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    return {
        "name": table["TableName"],
        "arn": table["TableArn"],
        "billingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "attributes": [
            {"name": each["AttributeName"], "type": each["AttributeType"]}
            for each in table["AttributeDefinitions"]
        ],
        **_held_keys(table),
        **_held_throughput(table),
        _INDEXES: [_held_index(index) for index in table.get("GlobalSecondaryIndexes", [])],
        "ttl": {
            "enabled": ttl["TimeToLiveStatus"] == "ENABLED",
            "attributeName": ttl.get("AttributeName"),
        },
        "pointInTimeRecovery": {
            "enabled": recovery["PointInTimeRecoveryStatus"] == "ENABLED",
            "recoveryPeriodInDays": recovery.get("RecoveryPeriodInDays"),
        },
        "serverSideEncryption": {
            "enabled": encryption.get("Status") == "ENABLED",
            "kmsKeyArn": encryption.get("KMSMasterKeyArn"),
        },
        "deletionProtectionEnabled": table["DeletionProtectionEnabled"],
        "tableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "tags": from_key_values(tags),
    }


def update_table(clients: Clients, name: str, declared: Properties, old: Properties) -> None:
    """UpdateTable, UpdateTimeToLive and UpdateContinuousBackups.

    Raises ValueError for a new or removed index and for changed keys of one: that would migrate the
    table's data, which the embedded cloud does not support.
    """
    dynamodb = clients("dynamodb")
    options = {
        "BillingMode": declared.get("billingMode", "PROVISIONED"),
        "ProvisionedThroughput": _changed_throughput(declared, old),
        "GlobalSecondaryIndexUpdates": _index_updates(declared, old),
        "DeletionProtectionEnabled": declared.get("deletionProtectionEnabled", False),
        "TableClass": declared.get("tableClass"),
    }
    dynamodb.update_table(TableName=name, **{k: v for k, v in options.items() if v is not None})
    if declared.get("ttl") != old.get("ttl"):
        for ttl, enabled in ((old.get("ttl"), False), (declared.get("ttl"), True)):
            if ttl and ttl.get("enabled"):
                specification = {"Enabled": enabled, "AttributeName": ttl["attributeName"]}
                dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
    if declared.get("pointInTimeRecovery") != old.get("pointInTimeRecovery"):
        _set_recovery(dynamodb, name, declared.get("pointInTimeRecovery") or {"enabled": False})


def delete_table(clients: Clients, name: str, _declared: Properties) -> None:
    """DeleteTable; waits until the table is gone."""
    clients("dynamodb").delete_table(TableName=name)
    gone = clients("dynamodb").get_waiter("table_not_exists")
    gone.wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def _set_recovery(dynamodb: Any, name: str, recovery: Properties) -> None:
    days = recovery.get("recoveryPeriodInDays")
    specification = {"RecoveryPeriodInDays": days} if days and recovery["enabled"] else {}
    specification["PointInTimeRecoveryEnabled"] = recovery["enabled"]
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=specification
    )


def _index_updates(declared: Properties, old: Properties) -> list[dict[str, Any]] | None:
    indexes, before = ({i["name"]: i for i in each.get(_INDEXES, [])} for each in (declared, old))
    if {name: _shape(i) for name, i in indexes.items()} != {
        n: _shape(i) for n, i in before.items()
    }:
        raise ValueError("the indexes of an existing table change in their throughput only")
    throughputs = {
        name: _throughput({"billingMode": declared.get("billingMode"), **index})
        for name, index in indexes.items()
        if index != before[name] or declared.get("billingMode") != old.get("billingMode")
    }
    return [
        {"Update": {"IndexName": name, "ProvisionedThroughput": throughput}}
        for name, throughput in throughputs.items()
        if throughput
    ] or None


def _shape(index: Properties) -> Properties:
    return {n: v for n, v in index.items() if n not in ("readCapacity", "writeCapacity")}


def _index(index: Properties, table: Properties) -> dict[str, Any]:
    throughput = _throughput({"billingMode": table.get("billingMode"), **index})
    return {
        "IndexName": index["name"],
        "KeySchema": _key_schema(index),
        "Projection": {
            "ProjectionType": index["projectionType"],
            **(
                {"NonKeyAttributes": index["nonKeyAttributes"]}
                if "nonKeyAttributes" in index
                else {}
            ),
        },
        **({"ProvisionedThroughput": throughput} if throughput else {}),
    }


def _held_index(index: dict[str, Any]) -> Properties:
    return {
        "name": index["IndexName"],
        "projectionType": index["Projection"]["ProjectionType"],
        "nonKeyAttributes": index["Projection"].get("NonKeyAttributes"),
        **_held_keys(index),
        **_held_throughput(index),
    }


def _key_schema(declared: Properties) -> list[dict[str, str]]:
    keys = declared.get("keySchemas") or [
        {"attributeName": declared[name], "keyType": key_type}
        for name, key_type in (("hashKey", "HASH"), ("rangeKey", "RANGE"))
        if declared.get(name)
    ]
    return [{"AttributeName": key["attributeName"], "KeyType": key["keyType"]} for key in keys]


def _held_keys(described: dict[str, Any]) -> Properties:
    """The keys in both forms in which a program may declare them."""
    names = {key["KeyType"]: key["AttributeName"] for key in described["KeySchema"]}
    return {
        "keySchemas": [
            {"attributeName": key["AttributeName"], "keyType": key["KeyType"]}
            for key in described["KeySchema"]
        ],
        "hashKey": names["HASH"],
        "rangeKey": names.get("RANGE"),
    }


def _throughput(declared: Properties) -> dict[str, int] | None:
    if declared.get("billingMode") == "PAY_PER_REQUEST" or "readCapacity" not in declared:
        return None
    return {
        "ReadCapacityUnits": declared["readCapacity"],
        "WriteCapacityUnits": declared["writeCapacity"],
    }


def _changed_throughput(declared: Properties, old: Properties) -> dict[str, int] | None:
    throughput = _throughput(declared)
    return None if throughput == _throughput(old) else throughput


def _held_throughput(described: dict[str, Any]) -> Properties:
    held = described.get("ProvisionedThroughput", {})
    return {
        "readCapacity": held.get("ReadCapacityUnits"),
        "writeCapacity": held.get("WriteCapacityUnits"),
    }


def _sse(encryption: Properties) -> dict[str, Any]:
    key = encryption.get("kmsKeyArn")
    return {
        "Enabled": encryption["enabled"],
        "SSEType": "KMS",
        **({"KMSMasterKeyId": key} if key else {}),
    }
