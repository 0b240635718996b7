"""Boxes that exist already, and who is to have them: the import, or the local stack's labellers."""

from dataclasses import dataclass
from pathlib import Path

from cli.client import PipelineApi
from cli.coco import Coco, read_coco
from cli.exits import CliError, ExitCode
from cli.folders import usable_names
from cli.places import Place
from cli.session import Session
from cli.storage import ImageStore, PutFailed
from cli.workforce import hand_over
from contracts.plan import LabellingBackendName

_HEAD = 1024 * 1024


@dataclass(frozen=True)
class KnownBoxes:
    """A file of boxes for a new job.

    Attributes:
        backend: which way they go.
        file: where they are.
        labels: the document types they are of, if that was to be found out.
        drawn: what the local stack's labellers are told to draw, if they are to have them.
    """

    backend: LabellingBackendName
    file: Path
    labels: list[str] | None = None
    drawn: Coco | None = None

    def hand_over(self, here: Session, job_id: str) -> None:
        """Give them to the job.

        Raises:
            CliError: they did not arrive.
        """
        if self.drawn and here.place.stack:
            hand_over(here.place.stack.simulator, self.drawn)
            return
        send_boxes(here.api, job_id, self.file)


def send_boxes(api: PipelineApi, job_id: str, file: Path) -> int:
    """Upload a file of boxes to a job that imports them; gives its size in bytes.

    Raises:
        CliError: it holds nothing, or did not arrive.
        ApiError: the job has started, or gets its boxes in another way.
    """
    size = file.stat().st_size
    if size == 0:
        raise CliError(f"{file} is empty.")
    url = api.annotations_url(job_id).url
    try:
        with ImageStore(parallel=1) as store:
            store.put(url, file)
    except PutFailed as error:
        raise CliError(
            f"{file} was not uploaded: {error}. The job {job_id} is not started: go on with "
            f"ekyc annotations send {job_id} {file}, then ekyc upload and ekyc start.",
            exit_code=ExitCode.NOT_UPLOADED,
            code="annotations-not-uploaded",
        ) from error
    return size


def known_boxes(
    file: Path,
    backend: LabellingBackendName | None,
    labels: list[str] | None,
    folder: Path,
    place: Place,
) -> KnownBoxes:
    """Look at a file of boxes of a folder's images before anything is created for it.

    Raises:
        CliError: there is nobody to hand them to, the file is wrong, or it is not about these images.
    """
    match backend:
        case None | LabellingBackendName.IMPORT:
            return KnownBoxes(LabellingBackendName.IMPORT, file, labels or _labels(file, folder))
        case LabellingBackendName.CONSOLE:
            raise CliError("On the console people draw the boxes: leave out --annotations or --labelling.")
        case LabellingBackendName.GROUND_TRUTH if place.stack is None:
            raise CliError(
                "Only the local stack's labellers can be told what to draw: leave out --labelling and the "
                "boxes are imported, or leave out --annotations and people draw them.",
                code="no-simulator",
            )
    drawn = _boxes_of(file, folder)
    drawn = drawn.of_labels(labels) if labels else drawn
    return KnownBoxes(backend, file, labels or drawn.labels(), drawn)


def _labels(file: Path, folder: Path) -> list[str]:
    """Find the document types of a COCO file; of the other formats they must be said."""
    if not _may_be_coco(file):
        raise CliError(f"Name the document types that {file} is to teach: --label, for each of them.")
    return _boxes_of(file, folder).labels()


def _boxes_of(file: Path, folder: Path) -> Coco:
    coco = read_coco(file).of_images(frozenset(usable_names(folder)))
    if not coco.annotations:
        raise CliError(f"{file} has no box for any image in {folder}: do the file names agree?")
    return coco


def _may_be_coco(file: Path) -> bool:
    """Tell COCO from a zip and from JSON Lines, as the service does."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}.") from error
    return not head.startswith(b"PK") and b'"source-ref"' not in head
