"""S3: the bucket and what protects it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.apply.outcome import Outcome
from local.resources import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def apply_bucket(s3: "S3Client", bucket: Bucket) -> Outcome:
    """Make the bucket, or bring its settings up to date."""
    created = not _exists(s3, bucket.name)
    if created:
        where: Any = {"LocationConstraint": bucket.region}
        s3.create_bucket(Bucket=bucket.name, CreateBucketConfiguration=where)
    updated = [_apply(s3, bucket.name, *setting) for setting in _settings(s3, bucket)]
    return Outcome.of(created=created, updated=any(updated))


_Setting = tuple[Callable[..., Any], Callable[..., Any], str, dict[str, Any]]


def _settings(s3: "S3Client", bucket: Bucket) -> list[_Setting]:
    encryption = {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms",
                    "KMSMasterKeyID": bucket.key,
                },
                # One data key per bucket and while, not one per image: calls to KMS are paid for.
                "BucketKeyEnabled": True,
            }
        ]
    }
    private = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    return [
        (s3.get_public_access_block, s3.put_public_access_block, "PublicAccessBlockConfiguration", private),
        (
            s3.get_bucket_versioning,
            s3.put_bucket_versioning,
            "VersioningConfiguration",
            {"Status": "Enabled"},
        ),
        (s3.get_bucket_encryption, s3.put_bucket_encryption, "ServerSideEncryptionConfiguration", encryption),
        (s3.get_bucket_cors, s3.put_bucket_cors, "CORSConfiguration", {"CORSRules": list(bucket.cors_rules)}),
    ]


def _apply(
    s3: "S3Client",
    name: str,
    read: Callable[..., Any],
    write: Callable[..., Any],
    parameter: str,
    wanted: dict[str, Any],
) -> bool:
    if _stored(read, name, parameter) == wanted:
        return False
    write(Bucket=name, **{parameter: wanted})
    return True


def _stored(read: Callable[..., Any], name: str, parameter: str) -> dict[str, Any] | None:
    try:
        answer = read(Bucket=name)
    except ClientError as error:
        # S3 answers 404 with a code of its own for each setting that was never made.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    answer.pop("ResponseMetadata")
    # Two of the four come wrapped in the name of their parameter, two come bare.
    stored: dict[str, Any] = answer.get(parameter, answer)
    return stored


def _exists(s3: "S3Client", name: str) -> bool:
    return any(bucket["Name"] == name for bucket in s3.list_buckets()["Buckets"])
