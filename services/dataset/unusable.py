"""What is left out, and why."""

from dataclasses import dataclass

from services.dataset.reasons import Reason


@dataclass(frozen=True, slots=True)
class LeftOutBox:
    """A box that is left out, and why."""

    reason: Reason
    detail: str


class Unusable(Exception):
    """A line that the datasets do without."""

    def __init__(
        self, reason: Reason, image: str | None, detail: str = "", boxes: tuple[LeftOutBox, ...] = ()
    ) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.image = image
        self.detail = detail
        self.boxes = boxes
