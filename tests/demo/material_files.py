"""A folder of small images with a COCO file, as someone might bring them."""

import json
from pathlib import Path
from typing import Any

from PIL import Image


def bring_images(
    folder: Path, *, count: int = 12, names: tuple[str, ...] = ("passport", "visa")
) -> dict[str, Any]:
    """Write `count` images of 100 by 80 pixels, each showing one label in turn; returns the COCO document."""
    folder.mkdir(parents=True)
    for number in range(count):
        Image.new("RGB", (100, 80), (number * 20 % 256, 90, 60)).save(folder / f"{number:02}.jpg")
    return {
        "images": [
            {"id": number, "file_name": f"photos/{number:02}.jpg", "width": 100, "height": 80}
            for number in range(count)
        ],
        "annotations": [
            {"image_id": number, "category_id": number % len(names), "bbox": [10, 20, 50, 40]}
            for number in range(count)
        ],
        "categories": [{"id": place, "name": name} for place, name in enumerate(names)],
    }


def write_coco(path: Path, document: Any) -> Path:
    """Write the COCO file."""
    path.write_text(json.dumps(document))
    return path
