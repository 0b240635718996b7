"""Labelling's environment."""

from datetime import timedelta

from pydantic import Field, PositiveInt, field_validator

from runtime.settings import StageSettings


class LabellingSettings(StageSettings):
    """What labelling is told; the bounds of Ground Truth's members are CreateLabelingJob's."""

    tasks_table_name: str = Field(min_length=3)
    labelling_role_arn: str = Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$")
    workteam_arn: str | None = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:workteam/.+$", max_length=256
    )
    """Whom Ground Truth asks; without a team it labels nothing, and the other backends do not need one."""

    output_kms_key_arn: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:kms:.+$", max_length=2048)
    """Encrypts what Ground Truth writes; the account's default S3 key does without it."""

    task_time_limit_seconds: int = Field(default=600, ge=30, le=28_800)
    """How long one person has for one image, in Ground Truth and in the console."""

    task_lifetime_seconds: int = Field(default=14 * 86_400, ge=60, le=30 * 86_400)
    """How long an image waits for somebody to take it.

    Half the 30 days after which Ground Truth fails the whole job: an image that nobody takes must expire
    before that, even one that was offered late, so that what was labelled is not lost with it.
    """

    max_concurrent_tasks: int = Field(default=1000, ge=1, le=5000)
    """How many images are offered at once; more than 1,000 only after AWS Support has allowed it."""

    max_images: PositiveInt = 100_000
    """Ground Truth's quota of objects per labelling job (input-data-limits); AWS raises it on request."""

    image_readers: int = Field(default=32, ge=1, le=256)
    """How many image heads are read at once."""

    start_deadline_hours: PositiveInt = 24
    """Past this a labelling that could not be started is given up; waiting in line for a quota is free."""

    labelling_deadline_days: PositiveInt = 31
    """Ground Truth ends a job after 30 days and says why; a day later something is wrong."""

    tasks_kept_days: PositiveInt = 400
    """How long the console remembers who answered what, for a late retry; the labels stay in S3."""

    @field_validator("workteam_arn")
    @classmethod
    def _not_public(cls, arn: str | None) -> str | None:
        if arn is not None and "workteam/public-crowd/" in arn:
            raise ValueError(
                "must be a private or a vendor's work team: identity documents are personal data"
            )
        return arn

    @property
    def tasks_kept(self) -> timedelta:
        """How long images, people and answers of the console stay in their table."""
        return timedelta(days=self.tasks_kept_days)

    @property
    def time_to_start(self) -> timedelta:
        """How long after its event a labelling must have started."""
        return timedelta(hours=self.start_deadline_hours)

    @property
    def time_to_label(self) -> timedelta:
        """How long after its start a labelling must be over."""
        return timedelta(days=self.labelling_deadline_days)
