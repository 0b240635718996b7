"""What stands on an endpoint, read back through boto3 in a form in which two deployments can be compared.

Left out is what nobody chose: ids, times, counters. What differs from run to run (the key's id) is replaced.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Standing = dict[str, Any]
Clients = Callable[[str], Any]

_CHOSEN_OF_QUEUES = (
    "DelaySeconds",
    "KmsMasterKeyId",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "VisibilityTimeout",
)
_CHOSEN_OF_FUNCTIONS = (
    "Architectures",
    "CodeSha256",
    "Description",
    "Environment",
    "Handler",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
)
_CHOSEN_OF_CORS = ("AllowedHeaders", "AllowedMethods", "AllowedOrigins", "ExposeHeaders")
_CHOSEN_OF_SUBSCRIPTIONS = (
    "Endpoint",
    "FilterPolicy",
    "FilterPolicyScope",
    "Protocol",
    "RawMessageDelivery",
    "RedrivePolicy",
)


def read(clients: Clients, prefix: str) -> Standing:
    """Read everything whose name begins with the prefix."""
    key = clients("kms").describe_key(KeyId=f"alias/{prefix}")["KeyMetadata"]["Arn"]
    found = {
        "queues": _queues(clients("sqs"), prefix),
        "subscriptions": _subscriptions(clients("sns"), prefix),
        "tables": _tables(clients("dynamodb"), prefix),
        "functions": _functions(clients("lambda"), prefix),
        "mappings": _mappings(clients("lambda"), prefix),
        "asynchronous calls": _asynchronous_calls(clients("lambda"), prefix),
        "schedules": _schedules(clients("scheduler"), prefix),
        "rules": _rules(clients("events"), prefix),
        "routes": _routes(clients("apigateway"), prefix),
        "roles": _roles(clients("iam"), prefix),
        "log groups": _log_groups(clients("logs"), prefix),
        "bucket": _bucket(clients("s3"), prefix),
    }
    read_again: Standing = json.loads(json.dumps(found, default=str).replace(key, "KEY"))
    return read_again


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Name every place in which two values differ, with both values."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return [
            difference
            for name in sorted({*one, *other}, key=str)
            for difference in differences(one.get(name), other.get(name), f"{path}/{name}")
        ]
    return [] if one == other else [f"{path}: {one!r} and {other!r}"]


def _queues(sqs: Any, prefix: str) -> Standing:
    urls = sqs.list_queues(QueueNamePrefix=f"{prefix}-").get("QueueUrls", [])
    return {
        url.rsplit("/", 1)[1]: _parsed(
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"], _CHOSEN_OF_QUEUES
        )
        for url in urls
    }


def _subscriptions(sns: Any, prefix: str) -> Standing:
    found = {}
    for item in sns.list_subscriptions()["Subscriptions"]:
        if not item["TopicArn"].endswith(f":{prefix}-events"):
            continue
        attributes = sns.get_subscription_attributes(SubscriptionArn=item["SubscriptionArn"])["Attributes"]
        chosen = _parsed(attributes, _CHOSEN_OF_SUBSCRIPTIONS)
        # The default may be left out of an answer.
        found[item["Endpoint"]] = {"FilterPolicyScope": "MessageAttributes", **chosen}
    return found


def _tables(dynamodb: Any, prefix: str) -> Standing:
    return {
        name: _table(dynamodb, name) for name in dynamodb.list_tables()["TableNames"] if _ours(name, prefix)
    }


def _table(dynamodb: Any, name: str) -> Standing:
    table = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        "keys": table["KeySchema"],
        "attributes": {
            item["AttributeName"]: item["AttributeType"] for item in table["AttributeDefinitions"]
        },
        "indexes": {
            index["IndexName"]: {
                "keys": index["KeySchema"],
                "projection": index["Projection"]["ProjectionType"],
            }
            for index in table.get("GlobalSecondaryIndexes", [])
        },
        "billing": table["BillingModeSummary"]["BillingMode"],
        "key": table["SSEDescription"].get("KMSMasterKeyArn"),
        "expiry": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get(
            "AttributeName"
        ),
        "backups": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "protected": table.get("DeletionProtectionEnabled", False),
    }


def _functions(functions: Any, prefix: str) -> Standing:
    pages = functions.get_paginator("list_functions").paginate()
    return {
        function["FunctionName"]: {name: function.get(name) for name in _CHOSEN_OF_FUNCTIONS}
        for page in pages
        for function in page["Functions"]
        if _ours(function["FunctionName"], prefix)
    }


def _mappings(functions: Any, prefix: str) -> Standing:
    return {
        mapping["EventSourceArn"]: {
            "function": mapping["FunctionArn"],
            "batch": mapping["BatchSize"],
            "answers": mapping["FunctionResponseTypes"],
            "scaling": mapping["ScalingConfig"],
        }
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]
        if f":{prefix}-" in mapping["EventSourceArn"]
    }


def _asynchronous_calls(functions: Any, prefix: str) -> Standing:
    pages = functions.get_paginator("list_functions").paginate()
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    return {
        name: {member: item.get(member) for member in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")}
        for name in names
        if _ours(name, prefix)
        for item in functions.list_function_event_invoke_configs(FunctionName=name)[
            "FunctionEventInvokeConfigs"
        ]
    }


def _schedules(scheduler: Any, prefix: str) -> Standing:
    names = [item["Name"] for item in scheduler.list_schedules(NamePrefix=f"{prefix}-")["Schedules"]]
    found = {}
    for name in names:
        schedule = scheduler.get_schedule(Name=name)
        target = {member: schedule["Target"].get(member) for member in ("Arn", "RoleArn", "RetryPolicy")}
        found[name] = {
            **{
                member: schedule.get(member)
                for member in ("ScheduleExpression", "FlexibleTimeWindow", "State")
            },
            "Target": target,
        }
    return found


def _rules(events: Any, prefix: str) -> Standing:
    found = {}
    for rule in events.list_rules(NamePrefix=f"{prefix}-")["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        found[rule["Name"]] = {
            "pattern": json.loads(rule["EventPattern"]),
            "state": rule["State"],
            "targets": {
                target["Id"]: {"arn": target["Arn"], "dead letters": target.get("DeadLetterConfig")}
                for target in targets
            },
        }
    return found


def _routes(gateway: Any, prefix: str) -> Standing:
    (api,) = (item["id"] for item in gateway.get_rest_apis(limit=500)["items"] if item["name"] == prefix)
    found = {}
    for resource in gateway.get_resources(restApiId=api, embed=["methods"], limit=500)["items"]:
        for method in resource.get("resourceMethods", {}):
            where = {"restApiId": api, "resourceId": resource["id"], "httpMethod": method}
            integration = gateway.get_integration(**where)
            found[f"{method} {resource['path']}"] = {
                "authorization": gateway.get_method(**where)["authorizationType"],
                **{member: integration.get(member) for member in ("type", "httpMethod", "uri")},
            }
    return found


def _roles(iam: Any, prefix: str) -> Standing:
    found = {}
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if _ours(name, prefix):
                policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
                found[name] = {
                    "trust": role["AssumeRolePolicyDocument"],
                    **{
                        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                        for policy in policies
                    },
                }
    return found


def _log_groups(logs: Any, prefix: str) -> Standing:
    groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{prefix}-")["logGroups"]
    return {group["logGroupName"]: group.get("retentionInDays") for group in groups}


def _bucket(s3: Any, prefix: str) -> Standing:
    (name,) = (item["Name"] for item in s3.list_buckets()["Buckets"] if _ours(item["Name"], prefix))
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    return {
        "name": name,
        "private": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "versions": s3.get_bucket_versioning(Bucket=name).get("Status"),
        "encryption": encryption,
        # Their order means nothing: the first that fits decides, and no two fit the same request.
        "cors": sorted(
            (
                {member: rule.get(member) or None for member in _CHOSEN_OF_CORS}
                for rule in s3.get_bucket_cors(Bucket=name)["CORSRules"]
            ),
            key=json.dumps,
        ),
    }


def _parsed(attributes: Mapping[str, str], chosen: Iterable[str]) -> Standing:
    """Give the chosen attributes, those that hold JSON as what it means."""
    return {
        name: json.loads(attributes[name]) if attributes[name][:1] == "{" else attributes[name]
        for name in chosen
        if attributes.get(name)
    }


def _ours(name: str, prefix: str) -> bool:
    return name.startswith(f"{prefix}-")
