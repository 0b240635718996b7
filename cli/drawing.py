"""Detections on images: boxes drawn, documents cropped out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.detecting import Detection

if TYPE_CHECKING:
    from PIL import Image

# Okabe and Ito's palette: apart for colour-blind eyes too.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")


def draw_boxes(image: "Image.Image", detections: Sequence[Detection], labels: Sequence[str]) -> "Image.Image":
    """A copy of the image with a box and a caption for each detection, a colour for each label."""
    # A tenth of a second to import, and no other command needs it.
    from PIL import ImageDraw, ImageFont

    canvas = image.convert("RGB")
    pen = ImageDraw.Draw(canvas)
    unit = max(2, max(image.size) // 320)
    font = ImageFont.load_default(unit * 6)
    for detection in reversed(detections):
        colour = colour_of(detection.label, labels)
        left, top, right, bottom = detection.box.pixels(image.size)
        pen.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=unit)
        caption = f"{detection.label} {detection.confidence:.0f} %"
        corner = (left, max(0, top - unit * 8))
        frame = pen.textbbox(corner, caption, font=font)
        pen.rectangle((corner[0], corner[1], frame[2] + unit, frame[3] + unit), fill=colour)
        pen.text(corner, caption, fill="white", font=font)
    return canvas


def crop(image: "Image.Image", detection: Detection) -> "Image.Image":
    """The detected document alone."""
    return image.crop(detection.box.pixels(image.size))


def colour_of(label: str, labels: Sequence[str]) -> str:
    """The label's colour: the same for a job whatever was found."""
    place = labels.index(label) if label in labels else len(labels)
    return PALETTE[place % len(PALETTE)]


def save_image(image: "Image.Image", path: Path) -> None:
    """Write an image in the format its name says, without the original's EXIF data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".png":
        image.save(path, "PNG")
    else:
        image.convert("RGB").save(path, "JPEG", quality=92)
