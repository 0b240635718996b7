"""Image facts of objects in S3, read many at a time."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from simulator.core.images import HEAD_BYTES, ImageFacts, is_jpeg, read_head
from simulator.core.s3 import Buckets, Place, S3Error, S3Forbidden

_PARALLEL = 16


def image_facts(buckets: Buckets, place: Place) -> ImageFacts | None:
    """Return what an object's head says of it; None when it is missing or no PNG or JPEG.

    Raises:
        S3Forbidden: The object may not be read.
    """
    try:
        data, total = buckets.head(place, HEAD_BYTES)
        facts = read_head(data, total)
        if facts is None and is_jpeg(data) and total > len(data):
            facts = read_head(buckets.read(place), total)
    except S3Forbidden:
        raise
    except S3Error:
        return None
    return facts


def many_image_facts(buckets: Buckets, places: Iterable[Place]) -> dict[str, ImageFacts | None]:
    """Return the facts of many images by their URI, a bounded number of reads at a time.

    An image that may not be read counts as unreadable here, like one that is missing.
    """
    wanted = list(dict.fromkeys(places))
    with ThreadPoolExecutor(_PARALLEL) as pool:
        found = pool.map(lambda place: _facts_or_none(buckets, place), wanted)
        return {place.uri: facts for place, facts in zip(wanted, found, strict=True)}


def _facts_or_none(buckets: Buckets, place: Place) -> ImageFacts | None:
    try:
        return image_facts(buckets, place)
    except S3Forbidden:
        return None
