"""What a labelling job reads when it begins: manifest, label categories, image heads, CORS rules."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.core.images import ImageFacts
from simulator.core.pictures import many_image_facts
from simulator.core.s3 import Buckets, Place, S3Error, parse_uri
from simulator.sagemaker.models import CARRIED, DataObject

MAX_LINE = 100_000
MAX_ATTRIBUTE = 20_000
MAX_LABEL_NAME = 256
MAX_IMAGE_BYTES = 40_000_000
MAX_PIXELS = 100_000_000
_ORIGIN_ANY = "*"


class BadInputError(Exception):
    """The job cannot run on this input; the message becomes its FailureReason."""


@dataclass(frozen=True)
class JobInput:
    """The objects to label and the labels to choose from."""

    labels: list[str]
    objects: list[DataObject] = field(default_factory=list)


def read_input(
    buckets: Buckets, *, manifest: str, categories: str, attribute: str, limits: tuple[int, int], cors: bool
) -> JobInput:
    """Read and check everything; `limits` are the most objects and the most labels.

    Raises:
        BadInputError: AWS would fail the job.
    """
    most_objects, most_labels = limits
    try:
        labels = parse_categories(buckets.read(_place(categories)), most_labels)
        objects = parse_manifest(buckets.lines(_place(manifest)), attribute, most_objects)
    except S3Error as error:
        raise BadInputError(f"ClientError: {error}.") from error
    waiting = [item for item in objects if item.state != CARRIED]
    places = [place for item in waiting if (place := parse_uri(item.source_ref)) is not None]
    facts = many_image_facts(buckets, places)
    blocked = _buckets_without_cors(buckets, {place.bucket for place in places}) if cors else set()
    for item in waiting:
        _look_at(item, facts.get(item.source_ref), blocked)
    return JobInput(labels, objects)


def parse_categories(data: bytes, most: int) -> list[str]:
    """Read a label category file [sms-label-cat-config].

    Raises:
        BadInputError: It is not one, or has no, too many or repeated labels.
    """
    try:
        document = json.loads(data)
        labels = [entry["label"] for entry in document["labels"]]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            'ClientError: The label category file must look like {"document-version":"2018-11-28",'
            '"labels":[{"label":"A"}]}.'
        ) from error
    if not labels or len(labels) > most:
        raise BadInputError(
            f"ClientError: Give 1 to {most} labels; the label category file has {len(labels)}."
        )
    if len(set(labels)) != len(labels):
        raise BadInputError("ClientError: The labels of the label category file must be unique.")
    if not all(isinstance(label, str) and 1 <= len(label) <= MAX_LABEL_NAME for label in labels):
        raise BadInputError(f"ClientError: A label is a string of 1 to {MAX_LABEL_NAME} characters.")
    return labels


def parse_manifest(lines: Iterable[str], attribute: str, most: int) -> list[DataObject]:
    """Read an input manifest [sms-input-data-input-manifest].

    Raises:
        BadInputError: A line breaks the manifest's rules, or there are none or too many.
    """
    objects = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        objects.append(_parse_line(text, number, attribute))
        if len(objects) > most:
            raise BadInputError(f"ClientError: The manifest has more than {most} data objects.")
    if not objects:
        raise BadInputError("ClientError: The manifest is empty: it needs a line for each image.")
    return objects


def _parse_line(text: str, number: int, attribute: str) -> DataObject:
    where = f"ClientError: Manifest line {number}"
    if len(text) > MAX_LINE:
        raise BadInputError(f"{where} is longer than {MAX_LINE} characters.")
    try:
        line = json.loads(text)
    except ValueError as error:
        raise BadInputError(f"{where} is not valid JSON.") from error
    if not isinstance(line, dict) or not isinstance(line.get("source-ref"), str):
        raise BadInputError(f'{where} needs "source-ref" with the S3 URI of an image.')
    if parse_uri(line["source-ref"]) is None:
        raise BadInputError(f"{where}: source-ref {line['source-ref']!r} is not s3://bucket/key.")
    for name, value in line.items():
        if name.startswith("$"):
            raise BadInputError(f"{where}: attribute {name!r} must not begin with $.")
        if len(json.dumps(value)) > MAX_ATTRIBUTE:
            raise BadInputError(f"{where}: attribute {name!r} is longer than {MAX_ATTRIBUTE} characters.")
    return _object(line, attribute)


def _object(line: dict[str, Any], attribute: str) -> DataObject:
    # A label that is there already counts: so a job is chained on another's output [sms-reusing-data].
    carried = isinstance(line.get(attribute), dict) and f"{attribute}-metadata" in line
    item = DataObject(line, line["source-ref"])
    if carried:
        item.state = CARRIED
    return item


def _look_at(item: DataObject, facts: ImageFacts | None, without_cors: set[str]) -> None:
    place = parse_uri(item.source_ref)
    if facts is None or place is None:
        item.blocked = "the image cannot be read or is neither PNG nor JPEG"
        return
    item.width, item.height, item.depth = facts.width, facts.height, facts.depth
    if facts.bytes > MAX_IMAGE_BYTES or facts.width * facts.height > MAX_PIXELS:
        item.blocked = "the image is larger than 40 MB or 100 million pixels"
    elif place.bucket in without_cors:
        item.blocked = f"bucket {place.bucket} has no CORS rule that lets browsers GET its images"


def _buckets_without_cors(buckets: Buckets, names: set[str]) -> set[str]:
    return {name for name in names if not any(_lets_browsers_in(rule) for rule in buckets.cors_rules(name))}


def _lets_browsers_in(rule: dict[str, Any]) -> bool:
    return "GET" in rule.get("AllowedMethods", []) and _ORIGIN_ANY in rule.get("AllowedOrigins", [])


def _place(uri: str) -> Place:
    place = parse_uri(uri)
    if place is None:
        raise BadInputError(f"ClientError: {uri} is not s3://bucket/key.")
    return place
