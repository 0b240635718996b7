"""The job API's environment."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeFloat, PositiveInt

from contracts.plan import LabellingBackendName, Labels, require_distinct
from runtime.settings import NamePrefix, Settings
from services.job_api.costs import Prices


def _split(text: object) -> object:
    return [part.strip() for part in text.split(",")] if isinstance(text, str) else text


def _distinct(labels: list[str]) -> list[str]:
    require_distinct(labels)
    return labels


class JobApiSettings(Settings):
    """What the job API is told."""

    name_prefix: NamePrefix
    bucket: str = Field(min_length=3, max_length=63)
    table_name: str = Field(min_length=3)
    topic_arn: str = Field(min_length=20)
    partition: str
    aws_region: str
    account: str = Field(pattern=r"^\d{12}$")
    default_labelling_backend: LabellingBackendName = LabellingBackendName.GROUND_TRUTH
    default_labels: Annotated[Labels, BeforeValidator(_split), AfterValidator(_distinct)]
    upload_url_seconds: PositiveInt = Field(default=900, le=3600)
    image_url_seconds: PositiveInt = Field(default=900, le=3600)
    # List prices by the README of AWS's sample amazon-rekognition-custom-brand-detection (2024) and the
    # custom-labels-access page of Dynamic Image Transformation (2026); AWS may charge otherwise.
    price_labelled_image: NonNegativeFloat = 0.08
    price_training_hour: NonNegativeFloat = 1.0
    price_inference_unit_hour: NonNegativeFloat = 4.0

    @property
    def prices(self) -> Prices:
        """The prices that estimates are made with."""
        return Prices(
            labelled_image=self.price_labelled_image,
            training_hour=self.price_training_hour,
            inference_unit_hour=self.price_inference_unit_hour,
        )
