"""One call to AWS for each message or request, and nothing around it.

Each call is answered with a line in the log, because MiniStack waits 50 ms for the first line of one that
writes none, and ours write some.
"""

import json
import os
from functools import cache
from typing import Any

import boto3


@cache
def dynamodb() -> Any:
    """Make the client once per process."""
    return boto3.client("dynamodb")


def on_events(batch: dict[str, Any], _: Any) -> dict[str, Any]:
    """Write each message's job down."""
    for record in batch["Records"]:
        print("message")
        job_id = json.loads(record["body"])["subject"]
        dynamodb().put_item(TableName=os.environ["TABLE_NAME"], Item={"job_id": {"S": job_id}})
    return {"batchItemFailures": []}


def on_request(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Answer with the items as DynamoDB has them: a job's, or the first twenty of the listing."""
    print("request")
    job_id = (event["pathParameters"] or {}).get("jobId")
    found = _item(job_id) if job_id else _listing()
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(found)}


def _item(job_id: str) -> Any:
    return dynamodb().get_item(
        TableName=os.environ["JOBS_TABLE"],
        Key={"job_id": {"S": job_id}, "item": {"S": "job"}},
        ConsistentRead=True,
    )["Item"]


def _listing() -> Any:
    return dynamodb().query(
        TableName=os.environ["JOBS_TABLE"],
        IndexName="listing",
        KeyConditionExpression="listing = :jobs",
        ExpressionAttributeValues={":jobs": {"S": "jobs"}},
        ScanIndexForward=False,
        Limit=20,
    )["Items"]
