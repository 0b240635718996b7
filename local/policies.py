"""Policy documents: who may do what, written once for every deployment that is not Terraform's."""

from collections.abc import Mapping, Sequence

from local.deployment import Deployment
from local.resources import Policy
from local.service_spec import StatementSpec, fill


def document(statements: Sequence[Mapping[str, object]]) -> Policy:
    """Wrap statements into a policy document."""
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def trust(*services: str) -> Policy:
    """Let AWS services take on a role."""
    return document(
        [{"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}]
    )


def key_policy(deployment: Deployment) -> Policy:
    """Let the account govern the key, and the three services that move messages use it.

    SNS and EventBridge write to encrypted queues in their own name, so the caller's rights do not help them
    [sqs-key-management, eb-troubleshooting].
    """
    root = f"arn:{deployment.partition}:iam::{deployment.account}:root"
    return document(
        [
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": root},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "Messages",
                "Effect": "Allow",
                "Principal": {"Service": ["sns.amazonaws.com", "sqs.amazonaws.com", "events.amazonaws.com"]},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": deployment.account}},
            },
        ]
    )


def queue_policy(queue_arn: str, senders: Sequence[tuple[str, str]]) -> Policy:
    """Let services send to a queue, each only on behalf of one topic or rule (service, source ARN)."""
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": source}},
            }
            for service, source in senders
        ]
    )


def function_policy(
    deployment: Deployment,
    function: str,
    allowed: Sequence[StatementSpec],
    placeholders: Mapping[str, str],
    queue: str | None,
) -> Policy:
    """Grant a function what its service.yaml allows, its logs and traces, and its queue if it reads one."""
    log_group = deployment.arn("logs", f"log-group:/aws/lambda/{function}")
    statements: list[dict[str, object]] = [
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"{log_group}:*"],
        },
        {
            "Sid": "Traces",
            "Effect": "Allow",
            "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            "Resource": ["*"],
        },
    ]
    if queue is not None:
        statements.append(
            {
                "Sid": "Queue",
                "Effect": "Allow",
                "Action": [
                    "sqs:ReceiveMessage",
                    "sqs:DeleteMessage",
                    "sqs:ChangeMessageVisibility",
                    "sqs:GetQueueAttributes",
                ],
                "Resource": [queue],
            }
        )
    return document([*statements, *(_statement(spec, placeholders) for spec in allowed)])


def labelling_policy(deployment: Deployment) -> Policy:
    """Grant Ground Truth what its execution role needs for images and results in one bucket.

    [sms-security-permission-execution-role, sms-security-kms-permissions]
    """
    bucket = f"arn:{deployment.partition}:s3:::{deployment.bucket}"
    logs = deployment.arn("logs", "log-group:/aws/sagemaker/*")
    return document(
        [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": [f"{bucket}/images/*", f"{bucket}/labelling/*"],
            },
            {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": [bucket]},
            {
                "Effect": "Allow",
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                ],
                "Resource": [deployment.key],
            },
            {
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": [logs],
            },
            {
                "Effect": "Allow",
                "Action": ["cloudwatch:PutMetricData"],
                "Resource": ["*"],
                "Condition": {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker*"]}},
            },
        ]
    )


def invoke_policy(functions: Sequence[str]) -> Policy:
    """Let a role call functions."""
    return document([{"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": list(functions)}])


def _statement(spec: StatementSpec, placeholders: Mapping[str, str]) -> dict[str, object]:
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": list(spec.actions),
        "Resource": [fill(resource, placeholders) for resource in spec.on],
    }
    if spec.when:
        statement["Condition"] = {
            operator: {key: [fill(value, placeholders) for value in values] for key, values in tests.items()}
            for operator, tests in spec.when.items()
        }
    return statement
