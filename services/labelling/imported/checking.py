"""Which of a stated image's boxes can be used, given how large the image really is; pure."""

from collections.abc import Iterator, Sequence

from contracts.boxes import Box
from services.labelling.boxes import Size
from services.labelling.imported.stated import Code, Fault, StatedBox, StatedImage, shown


def why_other_size(image: StatedImage, real: Size) -> Fault | None:
    """Say that the boxes are of an image of another size, and so perhaps of another image."""
    if image.size is None or image.size == (real.width, real.height):
        return None
    width, height = image.size
    return Fault(
        Code.IMAGE_SIZE,
        image.where,
        image.name,
        f"The file says {width} by {height} pixels; the uploaded image has {real.width} by {real.height}.",
    )


def checked_boxes(
    image: StatedImage, real: Size, labels: Sequence[str]
) -> tuple[tuple[Box, ...], tuple[Fault, ...]]:
    """Give the boxes in whole pixels within the image, and what is wrong with the others."""
    checked = [one for box in image.boxes or () for one in _checked(box, image.name, real, labels)]
    boxes = tuple(one for one in checked if isinstance(one, Box))
    return boxes, (*image.faults, *(one for one in checked if isinstance(one, Fault)))


def _checked(stated: StatedBox, image: str, real: Size, labels: Sequence[str]) -> Iterator[Box | Fault]:
    left, top = round(stated.left), round(stated.top)
    right, bottom = round(stated.left + stated.width), round(stated.top + stated.height)
    if stated.label not in labels:
        reason = f"{shown(stated.label)!r} is none of the job's labels."
        yield Fault(Code.UNKNOWN_LABEL, stated.where, image, reason)
        return
    if right <= left or bottom <= top:
        yield Fault(Code.BOX_WITHOUT_AREA, stated.where, image, "The box is less than a pixel wide or high.")
        return
    stated_edges = (left, top, right, bottom)
    edges = (max(0, left), max(0, top), min(real.width, right), min(real.height, bottom))
    if edges[2] <= edges[0] or edges[3] <= edges[1]:
        reason = f"The box lies outside the image of {real.width} by {real.height} pixels."
        yield Fault(Code.BOX_OUTSIDE, stated.where, image, reason)
        return
    if edges != stated_edges:
        reason = f"The box was cut to the image: {_told(stated_edges)}, now {_told(edges)}."
        yield Fault(Code.BOX_CUT, stated.where, image, reason)
    left, top, right, bottom = edges
    yield Box(label=stated.label, left=left, top=top, width=right - left, height=bottom - top)


def _told(edges: tuple[int, int, int, int]) -> str:
    left, top, right, bottom = edges
    return f"{left} to {right} across, {top} to {bottom} down"
