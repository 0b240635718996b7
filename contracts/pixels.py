"""Boxes in whole pixels, cut to their image."""

from contracts.boxes import Box


def box_within(
    width: int, height: int, label: str, *, left: float, top: float, right: float, bottom: float
) -> Box:
    """Give the box between these edges, in pixels, as far as it lies within an image of this size.

    A model's box may hang over the edge by a fraction; a box is at least one pixel wide and high.
    """
    first_column = _clamped(left, 0, width - 1)
    first_row = _clamped(top, 0, height - 1)
    return Box(
        label=label,
        left=first_column,
        top=first_row,
        width=_clamped(right, first_column + 1, width) - first_column,
        height=_clamped(bottom, first_row + 1, height) - first_row,
    )


def _clamped(edge: float, least: int, most: int) -> int:
    return min(max(round(edge), least), most)
