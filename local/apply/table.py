"""DynamoDB: tables with their indexes, expiry and backups."""

from typing import TYPE_CHECKING, Any

from local.apply.outcome import Outcome
from local.resources import Index, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class TableChangedError(RuntimeError):
    """A table stands with other keys than wanted, and keys cannot be changed."""


def apply_table(dynamodb: "DynamoDBClient", table: Table) -> Outcome:
    """Make the table, or add what it lacks.

    Raises:
        TableChangedError: Its keys or an index differ; nothing is thrown away to change that.
    """
    created = table.name not in _names(dynamodb)
    if created:
        _create(dynamodb, table)
    elif _shape_of(dynamodb, table.name) != _shape(table):
        raise TableChangedError(
            f"the table {table.name} stands with other keys or indexes; "
            "remove it, or the whole stack (make down), first"
        )
    updated = [_expire(dynamodb, table), _back_up(dynamodb, table.name)]
    return Outcome.of(created=created, updated=any(updated))


def _create(dynamodb: "DynamoDBClient", table: Table) -> None:
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": _key_schema(index),
            "Projection": {"ProjectionType": index.projection},
        }
        for index in table.indexes
    ]
    parts: list[Table | Index] = [table, *table.indexes]
    keys = {key for part in parts for key in (part.partition_key, part.sort_key) if key}
    wanted: dict[str, Any] = {
        "TableName": table.name,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        "KeySchema": _key_schema(table),
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": table.key},
    }
    if indexes:
        wanted["GlobalSecondaryIndexes"] = indexes
    dynamodb.create_table(**wanted)
    dynamodb.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig={"Delay": 1})


def _expire(dynamodb: "DynamoDBClient", table: Table) -> bool:
    if table.ttl is None:
        return False
    stored = dynamodb.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    if stored.get("AttributeName") == table.ttl:
        return False
    dynamodb.update_time_to_live(
        TableName=table.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": table.ttl}
    )
    return True


def _back_up(dynamodb: "DynamoDBClient", name: str) -> bool:
    stored = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    if stored.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
        return False
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return True


def _names(dynamodb: "DynamoDBClient") -> set[str]:
    return {name for page in dynamodb.get_paginator("list_tables").paginate() for name in page["TableNames"]}


def _key_schema(part: Table | Index) -> list[dict[str, str]]:
    keys = [{"AttributeName": part.partition_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": part.sort_key, "KeyType": "RANGE"}] if part.sort_key else keys


def _shape(table: Table) -> dict[str, object]:
    indexes = {index.name: (_key_schema(index), index.projection) for index in table.indexes}
    return {"keys": _key_schema(table), "indexes": indexes}


def _shape_of(dynamodb: "DynamoDBClient", name: str) -> dict[str, object]:
    stored = dynamodb.describe_table(TableName=name)["Table"]
    indexes = {
        index["IndexName"]: (index["KeySchema"], index["Projection"]["ProjectionType"])
        for index in stored.get("GlobalSecondaryIndexes", [])
    }
    return {"keys": stored["KeySchema"], "indexes": indexes}
