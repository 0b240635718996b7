"""`ekyc detect`: find the documents in images with a job's running model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.exceptions import ClientError
from rich.console import Group, RenderableType
from rich.text import Text

from cli.detecting import BadImage, Detection, Picture, detect, read_picture, rekognition_client
from cli.drawing import crop, draw_boxes, save_image
from cli.exits import CliError, ExitCode
from cli.folders import usable_names
from cli.options import ApiOption, JobArgument, JsonOption
from cli.session import session
from contracts.http import TrainingJob
from contracts.stages import JobStatus

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

# What DetectCustomLabels answers when this one image is at fault, so that the others are still looked at.
_IMAGE_FAULTS = frozenset(
    {"ImageTooLargeException", "InvalidImageFormatException", "InvalidParameterException"}
)


@dataclass(frozen=True)
class Finding:
    """What came of one image: detections, or why there are none to be had."""

    path: Path
    size: tuple[int, int] | None = None
    detections: tuple[Detection, ...] = ()
    fault: str | None = None
    drawn: Path | None = None
    crops: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As scripts read it: boxes as shares of the image and in pixels."""
        return {
            "image": str(self.path),
            "width": self.size[0] if self.size else None,
            "height": self.size[1] if self.size else None,
            "error": self.fault,
            "detections": [_detection_json(found, self.size) for found in self.detections if self.size],
            "drawn": str(self.drawn) if self.drawn else None,
            "crops": [str(path) for path in self.crops],
        }

    def to_text(self) -> Text:
        """As people read it."""
        text = Text(str(self.path), "bold", overflow="fold")
        if self.fault:
            return text.append(f"\n  {self.fault}", "red")
        for found in self.detections:
            left, top, right, bottom = found.box.pixels(self.size or (1, 1))
            text.append(f"\n  {found.label:24}", "not bold cyan")
            text.append(
                f"{found.confidence:5.1f} %  {right - left} x {bottom - top} at {left}, {top}", "not bold"
            )
        return text if self.detections else text.append("\n  nothing found", "not bold dim")


@dataclass(frozen=True)
class Writer:
    """Where pictures of the findings go, if anywhere."""

    labels: tuple[str, ...]
    draw: Path | None
    crop: Path | None

    def drawn(self, picture: Picture, detections: list[Detection], stem: str, suffix: str) -> Path | None:
        """Write the image with its boxes."""
        if self.draw is None:
            return None
        path = self.draw / f"{stem}{suffix}"
        save_image(draw_boxes(picture.image, detections, self.labels), path)
        return path

    def crops(
        self, picture: Picture, detections: list[Detection], stem: str, suffix: str
    ) -> tuple[Path, ...]:
        """Write each document alone."""
        if self.crop is None:
            return ()
        paths = []
        for number, found in enumerate(detections, start=1):
            paths.append(self.crop / f"{stem}-{number}-{found.label.replace(' ', '_')}{suffix}")
            save_image(crop(picture.image, found), paths[-1])
        return tuple(paths)


def detect_documents(
    job: JobArgument,
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", exists=True, help="JPEG and PNG files, or folders of them."),
    ],
    draw: Annotated[
        Path | None,
        typer.Option("--draw", metavar="DIR", file_okay=False, help="Write the images with boxes here."),
    ] = None,
    crop_to: Annotated[
        Path | None,
        typer.Option("--crop", metavar="DIR", file_okay=False, help="Write each document alone here."),
    ] = None,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            "--min-confidence",
            min=0,
            max=100,
            help="Show what reaches this confidence; each label's own threshold holds if not given.",
        ),
    ] = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find documents in images with the job's running model; draw their boxes, crop them out."""
    with session(api, as_json=as_json) as here:
        sources = _outputs_named(_expand(images))
        _keep_sources(sources, draw, crop_to)
        version = running_version(here.api.job(job))
        client = rekognition_client(here.place, version.region)
        writer = Writer(version.labels, draw, crop_to)
        findings = [
            _look(client, version.arn, path, stem, min_confidence, writer) for path, stem in sources.items()
        ]
        document = {"jobId": job, "projectVersionArn": version.arn, "images": [f.to_json() for f in findings]}
        here.terminal.result(document, _shown(findings))
        if any(finding.fault for finding in findings):
            raise typer.Exit(ExitCode.REFUSED)


@dataclass(frozen=True)
class RunningVersion:
    """A model that answers."""

    arn: str
    labels: tuple[str, ...]

    @property
    def region(self) -> str:
        """Where it runs."""
        return self.arn.split(":")[3]


def running_version(job: TrainingJob) -> RunningVersion:
    """Give the job's model.

    Raises:
        CliError: it does not run.
    """
    if job.model is None or job.status is not JobStatus.RUNNING:
        after = {JobStatus.STOPPED: f"Start it: ekyc model start {job.job_id}"}
        raise CliError(
            f"The job's model does not run: the job is {job.status}. "
            + after.get(job.status, f"See how it stands: ekyc jobs show {job.job_id}"),
            exit_code=ExitCode.REFUSED,
            code="model-not-running",
        )
    return RunningVersion(job.model.project_version_arn, tuple(job.labels))


def _look(
    client: "RekognitionClient",
    version_arn: str,
    path: Path,
    stem: str,
    min_confidence: float | None,
    writer: Writer,
) -> Finding:
    try:
        picture = read_picture(path)
        found = detect(client, version_arn, picture.sendable(), min_confidence=min_confidence)
    except BadImage as error:
        return Finding(path, fault=str(error))
    except ClientError as error:
        if error.response["Error"].get("Code") not in _IMAGE_FAULTS:
            raise
        return Finding(path, fault=error.response["Error"].get("Message", str(error)))
    suffix = path.suffix
    return Finding(
        path,
        picture.image.size,
        tuple(found),
        drawn=writer.drawn(picture, found, stem, suffix),
        crops=writer.crops(picture, found, stem, suffix),
    )


def _expand(paths: list[Path]) -> Iterator[Path]:
    """Files as they are, folders as the images in them."""
    for path in paths:
        if path.is_dir():
            names = sorted(usable_names(path))
            if not names:
                raise CliError(f"{path} holds no image (.jpg, .jpeg or .png).", code="no-images")
            yield from (path / name for name in names)
        else:
            yield path


def _outputs_named(paths: Iterator[Path]) -> dict[Path, str]:
    """A stem for each image's outputs, so that images of one name from two folders do not meet."""
    stems: dict[Path, str] = {}
    taken: set[str] = set()
    for path in paths:
        stem, number = path.stem, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{path.stem}-{number}"
        taken.add(stem.casefold())
        stems[path] = stem
    return stems


def _keep_sources(sources: dict[Path, str], *folders: Path | None) -> None:
    """Refuse to write where images are read from: a drawn box would end up in the original."""
    homes = {path.resolve().parent for path in sources}
    for folder in folders:
        if folder and folder.resolve() in homes:
            raise CliError(f"{folder} holds images to look at; give --draw and --crop a folder of their own.")


def _detection_json(found: Detection, size: tuple[int, int]) -> dict[str, Any]:
    left, top, right, bottom = found.box.pixels(size)
    box = found.box
    return {
        "label": found.label,
        "confidence": found.confidence,
        "box": {"left": box.left, "top": box.top, "width": box.width, "height": box.height},
        "pixels": {"left": left, "top": top, "width": right - left, "height": bottom - top},
    }


def _shown(findings: list[Finding]) -> RenderableType:
    return Group(*(finding.to_text() for finding in findings))
