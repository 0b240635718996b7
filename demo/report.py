"""The report: one HTML file that holds everything it shows, and the same as JSON."""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from cli.detecting import Box, read_picture
from cli.drawing import PALETTE, crop
from cli.milestones import duration
from demo.evaluation import Judged, Judgement
from demo.result import Result, Step

MOST_IMAGES = 60
_PHOTO_SIDE = 640
_CROP_SIDE = 320


@dataclass(frozen=True)
class Bar:
    """A step of the timeline; offset and length are per cent of the whole."""

    step: Step
    offset: float
    length: float


@dataclass(frozen=True)
class Shown:
    """A detection with its document cut out."""

    judged: Judged
    crop: str


@dataclass(frozen=True)
class Photo:
    """An image of the check; pictures are data URIs."""

    name: str
    uri: str
    judgement: Judgement
    shown: tuple[Shown, ...]


def write_report(result: Result, folder: Path) -> Path:
    """Write `report.html` and `report.json` into the folder; returns the path of the former."""
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps(result.to_json(), indent=2, ensure_ascii=False) + "\n"
    (folder / "report.json").write_text(document, encoding="utf-8")
    path = folder / "report.html"
    path.write_text(render(result), encoding="utf-8")
    return path


def render(result: Result) -> str:
    """The report as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = _percent
    environment.filters["share"] = _share
    environment.filters["place"] = _place
    environment.filters["took"] = lambda seconds: duration(timedelta(seconds=seconds))
    worst_first = sorted(result.judgements.items(), key=lambda item: (-item[1].faults, item[0]))
    labels = result.material.labels
    return environment.get_template("report.html.j2").render(
        result=result,
        job=result.job,
        overall=result.overall,
        by_label=result.by_label(),
        metrics={one.label: one for one in (result.job.model.labels if result.job.model else ())},
        bars=bars(result.steps),
        whole=sum_of(result.steps),
        photos=[_photo(result.material.folder, name, one) for name, one in worst_first[:MOST_IMAGES]],
        hidden=max(0, len(worst_first) - MOST_IMAGES),
        colours={label: PALETTE[place % len(PALETTE)] for place, label in enumerate(labels)},
    )


def bars(steps: Sequence[Step]) -> list[Bar]:
    """Lay the steps out between the first one's beginning and the last one's end."""
    if not steps:
        return []
    begin = min(step.began for step in steps)
    whole = sum_of(steps) or 1.0
    return [
        Bar(step, 100 * (step.began - begin).total_seconds() / whole, 100 * step.seconds / whole)
        for step in steps
    ]


def sum_of(steps: Sequence[Step]) -> float:
    """Seconds from the first beginning to the last end."""
    if not steps:
        return 0.0
    return (max(step.ended for step in steps) - min(step.began for step in steps)).total_seconds()


def _photo(folder: Path, name: str, judgement: Judgement) -> Photo:
    image = read_picture(folder / name).image
    shown = tuple(Shown(one, _data_uri(crop(image, one.detection), _CROP_SIDE)) for one in judgement.judged)
    return Photo(name, _data_uri(image, _PHOTO_SIDE), judgement, shown)


def _data_uri(image: Image.Image, side: int) -> str:
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(encoded.getvalue()).decode()


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"  # noqa: RUF001 - a dash for "none"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"  # noqa: RUF001 - a dash for "none"


def _place(box: Box) -> str:
    """Where a box lies over its picture, as CSS."""
    shares = (("left", box.left), ("top", box.top), ("width", box.width), ("height", box.height))
    return ";".join(f"{name}:{100 * value:.2f}%" for name, value in shares)
