"""Labels that exist already, in the COCO object detection format (cocodataset.org, format-data)."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from cli.exits import CliError
from contracts.ids import Label
from contracts.plan import Labels, require_distinct


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class CocoImage(_Part):
    """An image; only the last segment of `file_name` says which one."""

    id: int
    file_name: str = Field(min_length=1)
    width: int = Field(ge=1)
    height: int = Field(ge=1)

    @property
    def name(self) -> str:
        """The file's name without its folders, whichever slash they are written with."""
        return self.file_name.replace("\\", "/").rsplit("/", 1)[-1]


class CocoBox(_Part):
    """A box: left, top, width and height in pixels of the image as it is stored."""

    image_id: int
    category_id: int
    bbox: Annotated[list[float], Field(min_length=4, max_length=4)]


class CocoCategory(_Part):
    """A label."""

    id: int
    name: str


class Coco(_Part):
    """A COCO file, or the part of it that boxes need."""

    images: list[CocoImage]
    annotations: list[CocoBox]
    categories: list[CocoCategory]

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        images, categories = {image.id for image in self.images}, {each.id for each in self.categories}
        if len(images) < len(self.images):
            raise ValueError("two images have the same id")
        if len(categories) < len(self.categories):
            raise ValueError("two categories have the same id")
        for place, box in enumerate(self.annotations):
            if box.image_id not in images:
                raise ValueError(f"annotation {place} is of image {box.image_id}, which is not in images")
            if box.category_id not in categories:
                raise ValueError(
                    f"annotation {place} is of category {box.category_id}, which is not in categories"
                )
        return self

    def labels(self) -> list[str]:
        """The names of the categories that some box has, in the file's order.

        Raises:
            CliError: they cannot be a job's labels.
        """
        used = {box.category_id for box in self.annotations}
        names = [category.name for category in self.categories if category.id in used]
        bad = [name for name in names if not _is_label(name)]
        if bad:
            raise CliError(
                f"These categories cannot be labels: {', '.join(map(repr, bad))}. A label has 1 to 64 "
                "letters, digits, spaces and . _ -, and begins and ends with a letter or digit: rename them "
                "in the file."
            )
        try:
            require_distinct(TypeAdapter(Labels).validate_python(names))
        except ValidationError as error:
            raise CliError(
                f"The annotations use {len(names)} categories; a job has one to ten labels. "
                "Name the ones to learn with --label, or take the others out of the file."
            ) from error
        except ValueError as error:
            raise CliError(f"The annotations' categories cannot be labels: {error}.") from error
        return names

    def of_images(self, names: frozenset[str]) -> "Coco":
        """The part of the file that is about these images, with their bare file names."""
        images = [
            image.model_copy(update={"file_name": image.name}) for image in self.images if image.name in names
        ]
        kept = {image.id for image in images}
        return self.model_copy(
            update={
                "images": images,
                "annotations": [box for box in self.annotations if box.image_id in kept],
            }
        )

    def of_labels(self, labels: list[str]) -> "Coco":
        """The part of the file that is about these labels.

        Raises:
            CliError: the file has no box of one of them.
        """
        kept = {category.id for category in self.categories if category.name in labels}
        boxed = {box.category_id for box in self.annotations} & kept
        named = {category.name for category in self.categories if category.id in boxed}
        if absent := [label for label in labels if label not in named]:
            raise CliError(f"The annotations have no box of {', '.join(absent)}.")
        return self.model_copy(
            update={
                "annotations": [box for box in self.annotations if box.category_id in kept],
                "categories": [category for category in self.categories if category.id in kept],
            }
        )


def read_coco(path: Path) -> Coco:
    """Read a COCO file.

    Raises:
        CliError: it is absent, or not COCO; the message says what is wrong with it.
    """
    try:
        return Coco.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        what = fault["msg"].removeprefix("Value error, ")
        raise CliError(f"{path} is not a COCO file: {where + ': ' if where else ''}{what}.") from error


def _is_label(name: str) -> bool:
    try:
        TypeAdapter(Label).validate_python(name)
    except ValidationError:
        return False
    return True
