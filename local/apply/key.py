"""KMS: one key behind an alias."""

from typing import TYPE_CHECKING

from local.apply.outcome import Outcome, as_json, same_json
from local.resources import Key

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient


def apply_key(kms: "KMSClient", key: Key) -> tuple[str, Outcome]:
    """Make the key and its alias, or bring the policy up to date, and return the ARN."""
    try:
        arn = kms.describe_key(KeyId=key.alias)["KeyMetadata"]["Arn"]
    except kms.exceptions.NotFoundException:
        made = kms.create_key(Description=key.description, Policy=as_json(key.policy))["KeyMetadata"]
        kms.create_alias(AliasName=key.alias, TargetKeyId=made["KeyId"])
        return made["Arn"], Outcome.CREATED
    if same_json(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"], key.policy):
        return arn, Outcome.UNCHANGED
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=as_json(key.policy))
    return arn, Outcome.UPDATED
