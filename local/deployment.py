"""Where a copy of the pipeline stands, and the names that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deployment:
    """One copy of the pipeline in one account and region.

    Attributes:
        prefix: Goes before every name, so that two copies live in one account.
        architecture: `arm64` or `x86_64`, of the packages.
        labels: The document types of a job that names none.
        labelling_backend: Where the boxes of such a job come from.
        check_every_seconds: How long a watched thing is left alone between two looks.
        endpoints: Variables every function gets besides the standard ones; on AWS there are none.
        key: ARN of the KMS key, empty as long as only names are wanted.
    """

    prefix: str = "ekyc"
    region: str = "eu-west-1"
    account: str = "000000000000"
    partition: str = "aws"
    stage: str = "local"
    architecture: str = "x86_64"
    labels: tuple[str, ...] = ("passport", "id-card", "driving-licence")
    labelling_backend: str = "ground-truth"
    check_every_seconds: int = 0
    log_level: str = "INFO"
    endpoints: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def bucket(self) -> str:
        """The bucket's name; the account is in it because these names are shared by all of AWS."""
        return f"{self.prefix}-{self.account}-{self.region}"

    @property
    def topic(self) -> str:
        """The topic's ARN."""
        return self.arn("sns", f"{self.prefix}-events")

    @property
    def labelling_role(self) -> str:
        """Name of the role that Ground Truth takes on."""
        return f"{self.prefix}-ground-truth"

    @property
    def scheduler_role(self) -> str:
        """Name of the role with which the scheduler calls functions."""
        return f"{self.prefix}-scheduler"

    @property
    def workteam(self) -> str:
        """ARN of the private work team."""
        return self.arn("sagemaker", f"workteam/private-crowd/{self.prefix}-workers")

    def arn(self, service: str, resource: str) -> str:
        """Name something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role_arn(self, name: str) -> str:
        """Name a role, which belongs to no region."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def function_arn(self, name: str) -> str:
        """Name a function."""
        return self.arn("lambda", f"function:{name}")

    def table_arn(self, name: str) -> str:
        """Name a table."""
        return self.arn("dynamodb", f"table/{name}")

    def placeholders(self) -> dict[str, str]:
        """Give what `${…}` in a service.yaml stands for, but for `table`, which depends on the service."""
        return {
            "partition": self.partition,
            "region": self.region,
            "account": self.account,
            "prefix": self.prefix,
            "bucket": self.bucket,
            "topic": self.topic,
            "key": self.key,
            "labelling_role": self.role_arn(self.labelling_role),
            "workteam": self.workteam,
            "labels": ",".join(self.labels),
            "labelling_backend": self.labelling_backend,
        }
