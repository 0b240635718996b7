"""Uploading a folder: in batches of URLs, in parallel, going on where an earlier run ended."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cli.client import PipelineApi
from cli.folders import NotUsable
from cli.storage import PutFailed
from contracts.http import MAX_URLS, RefusedFilename, UploadUrl

_ROUNDS = 3
"""How often an image is tried, each time with a fresh URL: the last one may have expired on the way."""


@dataclass
class UploadReport:
    """What became of the images; only the troubled ones are named, so that it stays small."""

    uploaded: int = 0
    already_there: int = 0
    failed: list[NotUsable] = field(default_factory=list)
    stopped: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every image has arrived, now or earlier."""
        return not self.failed and self.stopped is None


@dataclass(frozen=True)
class Upload:
    """One run over a folder's images for one job.

    `put` sends a file to a URL, or raises `PutFailed`; `on_done` is told how many more images are dealt with.
    """

    api: PipelineApi
    job_id: str
    folder: Path
    put: Callable[[str, Path], None]
    on_done: Callable[[int], None]
    report: UploadReport = field(default_factory=UploadReport)

    def run(self, names: Iterable[str], *, parallel: int) -> UploadReport:
        """Upload the named images, holding one batch of names and URLs in memory.

        When nothing of a whole batch arrives the upload stops: the next batch would fare no better.
        """
        pool = ThreadPoolExecutor(parallel, thread_name_prefix="upload")
        try:
            for batch in _batches(names, MAX_URLS):
                missing = self._upload_batch(batch, pool)
                if missing == len(batch):
                    self.report.stopped = f"none of {missing} images in a row arrived"
                    break
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return self.report

    def _upload_batch(self, batch: list[str], pool: ThreadPoolExecutor) -> int:
        """Upload one batch in a few rounds; returns how many images the store would not take."""
        missing = dict.fromkeys(batch, "")
        for turn in range(_ROUNDS):
            answer = self.api.renew_upload_urls(self.job_id, list(missing))
            # A server does not choose which of our files to read: names not asked for are passed over.
            urls = [target for target in answer.urls if target.filename in missing]
            for refusal in answer.refused:
                if refusal.filename in missing:
                    self._note_refusal(refusal, again=turn > 0)
            settled = {target.filename for target in urls} | {refusal.filename for refusal in answer.refused}
            unanswered = {name: "the API gave no URL for it" for name in missing if name not in settled}
            missing = {**unanswered, **self._put_all(urls, pool)}
            if not missing:
                break
        self.report.failed.extend(NotUsable(name, reason) for name, reason in missing.items())
        self.on_done(len(missing))
        return len(missing)

    def _note_refusal(self, refusal: RefusedFilename, *, again: bool) -> None:
        if refusal.code != "image-exists":
            self.report.failed.append(NotUsable(refusal.filename, refusal.reason))
        elif other := self._another(refusal):
            self.report.failed.append(other)
        elif again:  # our own put of the round before has arrived after all
            self.report.uploaded += 1
        else:
            self.report.already_there += 1
        self.on_done(1)

    def _another(self, refusal: RefusedFilename) -> NotUsable | None:
        """Tell that the image which is there is not this file, as far as their sizes show it."""
        try:
            size = (self.folder / refusal.filename).stat().st_size
        except OSError:  # gone meanwhile, and nothing is left to do for it
            return None
        if refusal.size_bytes in {None, size}:
            return None
        return NotUsable(
            refusal.filename,
            f"another image of this name is there already, of {refusal.size_bytes:,} bytes where this file "
            f"has {size:,}: rename the file",
        )

    def _put_all(self, urls: list[UploadUrl], pool: ThreadPoolExecutor) -> dict[str, str]:
        """Put the images; returns those that did not arrive, with the reason."""
        under_way = {
            pool.submit(self.put, target.url, self.folder / target.filename): target.filename
            for target in urls
        }
        missing = {}
        for future in as_completed(under_way):
            try:
                future.result()
            except PutFailed as trouble:
                missing[under_way[future]] = str(trouble)
            else:
                self.report.uploaded += 1
                self.on_done(1)
        return missing


def _batches(names: Iterable[str], size: int) -> Iterator[list[str]]:
    remaining = iter(names)
    while batch := list(islice(remaining, size)):
        yield batch
