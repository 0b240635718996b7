"""How our boto3 clients behave.

Endpoints come from the variables boto3 itself reads (``AWS_ENDPOINT_URL``, ``AWS_ENDPOINT_URL_SAGEMAKER``
and so on), so that code cannot tell AWS from its local twin.
"""

from typing import Literal

from botocore.config import Config


def storage(*, connections: int = 10) -> Config:
    """Configure an S3 client; ``connections`` bounds its parallel calls.

    ``s3v4`` and virtual addressing, because boto3 otherwise presigns with SigV2 in old regions, which leaves
    headers unsigned. For an endpoint that is an IP address botocore falls back to path style by itself.
    """
    return _config("standard", connections).merge(
        Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    )


def data_plane() -> Config:
    """Configure a client for rows, messages and parameters."""
    return _config("standard", 10)


def control_plane() -> Config:
    """Configure a client for SageMaker or Rekognition.

    Legacy retry mode, because the standard one takes ``LimitExceededException`` for throttling and silently
    asks again, while for us it is an answer: the quota is used up and the job must be parked.
    """
    return _config("legacy", 10)


def inference(*, seconds: int = 9, tries: int = 2) -> Config:
    """Configure a client that somebody waits for: its tries end before API Gateway's 29 seconds do."""
    return _config("standard", 10).merge(
        Config(read_timeout=seconds, retries={"mode": "standard", "total_max_attempts": tries})
    )


def _config(retry_mode: Literal["legacy", "standard"], connections: int) -> Config:
    return Config(
        connect_timeout=3,
        read_timeout=15,
        max_pool_connections=connections,
        retries={"mode": retry_mode, "total_max_attempts": 3},
    )
