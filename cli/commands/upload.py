"""`ekyc upload`: a folder's images to a job, in parallel; run again, it goes on where it was."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from cli.exits import ExitCode
from cli.folders import FolderCheck, NotUsable, check_folder, usable_names
from cli.options import ApiOption, FolderArgument, JobArgument, JsonOption, ParallelOption
from cli.progress import progress_bar
from cli.session import Session, session
from cli.storage import ImageStore
from cli.uploading import Upload, UploadReport

_LISTED = 20


@dataclass(frozen=True)
class FolderUpload:
    """How a folder's upload went: what the folder held, and what became of it."""

    job_id: str
    folder: Path
    check: FolderCheck
    report: UploadReport

    @property
    def complete(self) -> bool:
        """Whether every image of the folder is in the job now."""
        return self.report.complete and not self.check.refused

    @property
    def not_uploaded(self) -> list[NotUsable]:
        """The images that are not, with the reasons."""
        return [*self.check.refused, *self.report.failed]

    def to_json(self) -> dict[str, Any]:
        """As scripts read it."""
        return {
            "jobId": self.job_id,
            "folder": str(self.folder),
            "complete": self.complete,
            "uploaded": self.report.uploaded,
            "alreadyThere": self.report.already_there,
            "notUploaded": [
                {"filename": image.filename, "reason": image.reason} for image in self.not_uploaded
            ],
            "stopped": self.report.stopped,
            "otherFiles": self.check.others,
        }

    def to_text(self) -> Text:
        """As people read it; a long list of failures is cut, `--json` has it whole."""
        there = f"; there already: {self.report.already_there}" if self.report.already_there else ""
        text = Text(f"Images uploaded: {self.report.uploaded}{there}", overflow="fold")
        if self.check.others:
            text.append(f"\nOther files, left alone: {self.check.others}", "dim")
        if self.not_uploaded:
            text.append(f"\nNot uploaded: {len(self.not_uploaded)}", "bold red")
        for image in self.not_uploaded[:_LISTED]:
            text.append(f"\n  {image.filename}: {image.reason}")
        if len(self.not_uploaded) > _LISTED:
            text.append(f"\n  … and {len(self.not_uploaded) - _LISTED} more; --json lists them all.")
        if self.report.stopped:
            text.append(f"\nStopped early: {self.report.stopped}. Run the same command again.", "bold red")
        return text


def upload(
    job: JobArgument,
    folder: FolderArgument,
    parallel: ParallelOption = 8,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Upload a folder's images to a job. Run again, it skips what has arrived and goes on."""
    with session(api, as_json=as_json) as here:
        result = upload_folder(here, job, folder, check_folder(folder), parallel=parallel)
        here.terminal.result(result.to_json(), result.to_text())
        if not result.complete:
            raise typer.Exit(ExitCode.NOT_UPLOADED)


def upload_folder(
    here: Session, job_id: str, folder: Path, check: FolderCheck, *, parallel: int
) -> FolderUpload:
    """Upload the usable images of a folder, with a progress bar."""
    console = here.terminal.err
    with ImageStore(parallel=parallel) as store, progress_bar(console, "Uploading", check.usable) as on_done:
        upload = Upload(here.api, job_id, folder, store.put, on_done)
        report = upload.run(usable_names(folder), parallel=parallel)
    return FolderUpload(job_id, folder, check, report)
