"""The environment in which a service's code runs outside Lambda, filled in from its ``service.yaml``."""

from collections.abc import Mapping

from local.service_spec import ServiceSpec, fill, table_variable

REGION = "eu-west-1"
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ekyc-events"
BUCKET = "ekyc-images"


def of_service(spec: ServiceSpec, **others: str) -> Mapping[str, str]:
    """Give the variables of a service's functions; ``others`` are added."""
    standard = {
        "NAME_PREFIX": "ekyc",
        "BUCKET": BUCKET,
        "TOPIC_ARN": TOPIC,
        "TABLE_NAME": f"ekyc-{spec.table_of or spec.service}",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": spec.service,
        "POWERTOOLS_METRICS_NAMESPACE": "ekyc",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    tables = {table_variable(name): f"ekyc-{spec.service}-{name}" for name in spec.tables}
    own = {name: fill(value, _PLACEHOLDERS) for name, value in spec.environment.items()}
    return {**standard, **tables, **own, **others}


_PLACEHOLDERS = {
    "partition": "aws",
    "region": REGION,
    "account": ACCOUNT,
    "prefix": "ekyc",
    "bucket": BUCKET,
    "topic": TOPIC,
    "key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f3f0d3e-0d5b-4c0e-9f5e-6f6d5d6c7b8a",
    "labelling_role": f"arn:aws:iam::{ACCOUNT}:role/ekyc-ground-truth",
    "workteam": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/ekyc",
    "labels": "passport,id-card",
    "labelling_backend": "ground-truth",
}
