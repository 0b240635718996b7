"""A service that keeps what it hears, and a stand-in for the simulator."""

MANIFEST = """
service: echo-box
description: Keeps what it hears
consumes: [test.thing.happened.v1]
publishes: []
eventbridge:
  noise:
    source: [aws.sagemaker]
    detail-type: [Noise]
tables:
  crumbs: {partition_key: id, ttl: expires_at}
table:
  partition_key: id
  sort_key: part
  ttl: expires_at
  indexes:
    by_colour: {partition_key: colour, sort_key: id, projection: KEYS_ONLY}
environment:
  COLOUR: ${prefix}-red
functions:
  api:
    handler: services.echo_box.handler.on_request
    timeout: 10
    memory: 128
    routes:
      - GET /api/echo
      - GET /api/echo/{id}
      - POST /api/echo/{id}/again
  events:
    handler: services.echo_box.handler.on_events
    on: queue
    timeout: 7
    memory: 128
    batch_size: 5
    max_concurrency: 2
  tick:
    handler: services.echo_box.handler.on_tick
    every: tick
    timeout: 5
    memory: 128
allow:
  - actions: [dynamodb:PutItem, dynamodb:Query]
    on: ["${table}", "${table}/index/*"]
  - actions: [dynamodb:GetItem]
    on: ["${crumbs_table}"]
  - actions: [s3:ListBucket]
    on: ["arn:${partition}:s3:::${bucket}"]
    when: {StringLike: {"s3:prefix": ["images/*"]}}
"""

HANDLER = '''
"""Keeps what it hears."""

import json
import os

import boto3
from botocore.exceptions import ClientError


def on_events(event, context):
    print("heard", len(event["Records"]))
    for record in event["Records"]:
        _keep(record["messageId"], record["body"])
    return {"batchItemFailures": []}


def on_tick(event, context):
    print("tick")
    _keep("tick", context.aws_request_id)


def on_request(event, context):
    print("asked")
    told = {"path": event["path"], "method": event["httpMethod"], "environment": dict(os.environ)}
    if event["httpMethod"] == "POST":
        told["refused"] = _delete()
    return {"statusCode": 200, "body": json.dumps(told)}


def _delete():
    try:
        key = {"id": {"S": "tick"}, "part": {"S": "x"}}
        boto3.client("dynamodb").delete_item(TableName=os.environ["TABLE_NAME"], Key=key)
    except ClientError as error:
        return error.response["Error"]["Code"]


def _keep(id, part):
    item = {"id": {"S": id}, "part": {"S": part}}
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE_NAME"], Item=item)
'''

# Answers as the simulator does when asked how it is; the real one takes seconds to load what it learns with.
SIMULATOR = """
import http.server, sys

class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Healthy).serve_forever()
"""
