"""The pipeline as a user drives it: through the public HTTP API, with the parts that `ekyc` is made of."""

import uuid
from collections import deque
from dataclasses import dataclass

from rich.console import Console

from cli.client import PipelineApi
from cli.detecting import BadImage, Detection, detect, read_picture, rekognition_client
from cli.exits import CliError
from cli.following import FINAL, Pace, follow
from cli.places import LocalStack, Place
from cli.progress import progress_bar, show_stages
from cli.storage import ImageStore
from cli.uploading import Upload
from cli.workforce import hand_over
from contracts.http import CreateTrainingJob, TrainingJob
from contracts.stages import JobStatus
from demo.material import Material
from demo.problem import DemoError

_PARALLEL = 8
_INTERVAL = 0.5


@dataclass(frozen=True)
class Pipeline:
    """One deployment, and a console to tell on."""

    api: PipelineApi
    stack: LocalStack
    console: Console
    timeout: float

    def upload(self, material: Material) -> TrainingJob:
        """Create a job and upload the images to learn from.

        Raises:
            DemoError: some image did not arrive.
        """
        request = CreateTrainingJob(name=f"Demo: {material.title}"[:100], labels=list(material.labels))
        job = self.api.create(request, idempotency_key=str(uuid.uuid4()))
        with (
            ImageStore(parallel=_PARALLEL) as store,
            progress_bar(self.console, "Uploading", len(material.training)) as on_done,
        ):
            upload = Upload(self.api, job.job_id, material.folder, store.put, on_done)
            report = upload.run(material.training, parallel=_PARALLEL)
        if not report.complete:
            faults = "".join(f"\n  {image.filename}: {image.reason}" for image in report.failed[:10])
            raise DemoError(f"{len(report.failed)} images were not uploaded:{faults}")
        return job

    def train(self, job_id: str, material: Material) -> TrainingJob:
        """Hand the boxes to the labellers, start the job and follow it until its model runs.

        Raises:
            DemoError: the job ended otherwise, or not in the time allowed.
        """
        hand_over(self.stack.simulator, material.coco)
        self.api.start(job_id)
        pace = Pace(_INTERVAL, self.timeout)
        try:
            job = show_stages(self.console, follow(lambda: self.api.job(job_id), until=FINAL, pace=pace))
        except CliError as error:
            raise DemoError(
                f"No model after {self.timeout:.0f} seconds; allow more with --timeout."
            ) from error
        if job.status is not JobStatus.RUNNING:
            raise DemoError(f"The job ended as {job.status}; no model runs, so nothing could be checked.")
        return job

    def detect(self, job: TrainingJob, material: Material) -> dict[str, list[Detection]]:
        """Look at every image kept apart.

        Raises:
            DemoError: an image cannot be read, or the job has no model.
        """
        if job.model is None:
            raise DemoError("The job runs but names no model.")
        version = job.model.project_version_arn
        client = rekognition_client(
            Place(self.stack.api, "the demonstration", self.stack), version.split(":")[3]
        )
        detections = {}
        with progress_bar(self.console, "Detecting", len(material.check)) as on_done:
            for name in material.check:
                try:
                    picture = read_picture(material.folder / name)
                except BadImage as error:
                    raise DemoError(f"{name}: {error}.") from error
                detections[name] = detect(client, version, picture.sendable(), min_confidence=None)
                on_done(1)
        return detections

    def stop(self, job_id: str) -> TrainingJob:
        """Stop the model and wait until it costs nothing more.

        Raises:
            DemoError: it did not stop.
            CliError: it took longer than the time allowed.
        """
        self.api.stop_model(job_id)
        goal = {JobStatus.STOPPED, JobStatus.FAILED, JobStatus.CANCELLED}
        pace = Pace(_INTERVAL, self.timeout)
        (job,) = deque(follow(lambda: self.api.job(job_id), until=goal, pace=pace), maxlen=1)
        if job.status is not JobStatus.STOPPED:
            raise DemoError(f"The model was not stopped: the job is {job.status}.")
        return job
