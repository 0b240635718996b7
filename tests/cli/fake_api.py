"""The HTTP API, the image store, the simulator's workforce and a running model, as little as a client needs.

Bodies are built from the contracts; what goes wrong is chosen by the test that holds the `FakeApi`.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.facts import ImageCounts, LabelCounts, LabelMetrics
from contracts.filenames import why_refused
from contracts.http import (
    AnnotationsUrl,
    Cancellation,
    CancelTrainingJob,
    Cost,
    CreateTrainingJob,
    Failure,
    History,
    HistoryEntry,
    LabellingResult,
    ModelResult,
    RefusedFilename,
    RetryTrainingJob,
    StageTiming,
    StartedTrainingJob,
    TrainingJob,
    TrainingJobList,
    UploadUrl,
    UploadUrls,
    UploadUrlsRequest,
)
from contracts.ids import new_job_id
from contracts.model import Contract
from contracts.plan import LabellingBackendName
from contracts.problems import (
    IDEMPOTENCY_KEY_REUSED,
    JOB_NOT_FOUND,
    JOB_STARTED,
    NO_MODEL,
    PROBLEM_MEDIA_TYPE,
    TRY_AGAIN,
    WRONG_STATE,
    Problem,
    ProblemType,
)
from contracts.stages import JobStatus, Stage

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
VERSION_ARN = "arn:aws:rekognition:eu-west-1:123456789012:project/p/version/v/1763812800000"
LABELLING_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/ekyc-1"

_ORDER = (JobStatus.LABELLING, JobStatus.CREATING_DATASET, JobStatus.TRAINING, JobStatus.DEPLOYING)
_STAGES = (Stage.LABELLING, Stage.DATASET, Stage.TRAINING, Stage.DEPLOYMENT)

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass
class FakeApi:
    """State and faults of one fake deployment; `url` is where it listens."""

    url: str = ""
    end: JobStatus = JobStatus.RUNNING
    jobs: dict[str, TrainingJob] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    put_attempts: list[str] = field(default_factory=list)
    url_calls: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    retries: list[tuple[Stage, bool]] = field(default_factory=list)
    handed_over: list[dict[str, Any]] = field(default_factory=list)
    backends: list[str | None] = field(default_factory=list)
    suggesting: list[str | None] = field(default_factory=list)
    imported: dict[str, bytes] = field(default_factory=dict)
    sent_images: list[bytes] = field(default_factory=list)
    unavailable: int = 0
    put_faults: dict[str, list[int]] = field(default_factory=dict)
    found: list[dict[str, Any]] = field(default_factory=list)
    rekognition_error: tuple[str, str] | None = None
    on_put: Callable[[str], None] = lambda name: None

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/api/training/create", self._answer(self._create), methods=["POST"]),
                Route("/api/training/urls", self._answer(self._urls), methods=["POST"]),
                Route("/api/training/start", self._answer(self._start), methods=["POST"]),
                Route("/api/training/list", self._answer(self._list)),
                Route("/api/training/{job}", self._answer(self._show)),
                Route("/api/training/{job}/events", self._answer(self._events)),
                Route("/api/training/{job}/annotations", self._answer(self._import), methods=["POST"]),
                Route("/api/training/{job}/retry", self._answer(self._retry), methods=["POST"]),
                Route("/api/training/{job}/cancel", self._answer(self._cancel), methods=["POST"]),
                Route("/api/training/{job}/model/start", self._answer(self._model_start), methods=["POST"]),
                Route("/api/training/{job}/model/stop", self._answer(self._model_stop), methods=["POST"]),
                Route("/store/{job}/{name}", self._put, methods=["PUT"]),
                Route("/imports/{job}/annotations", self._put_labels, methods=["PUT"]),
                Route("/_simulator/annotations", self._annotations, methods=["POST"]),
                Route("/", self._rekognition, methods=["POST"]),
            ]
        )

    def add_job(self, status: JobStatus = JobStatus.CREATED, **changes: Any) -> str:
        """Put a job there; returns its id."""
        number = len(self.jobs)
        job_id = new_job_id(NOON + timedelta(seconds=number), bytes([number] * 10))
        values: dict[str, Any] = {
            "job_id": job_id,
            "status": JobStatus.CREATED,
            "attempt": 1,
            "labels": ["passport", "id-card"],
            "created_at": NOON,
            "updated_at": NOON,
            "cost": Cost(labelling=0, training=0, running=0, total=0, per_hour_now=0),
            "options": {},
        }
        job = TrainingJob.model_validate({**values, **changes})
        self.jobs[job_id] = at(job, status)
        return job_id

    def arrived(self, job_id: str) -> set[str]:
        """The names of the images that a job has."""
        return {key.split("/", 1)[1] for key in self.images if key.startswith(job_id)}

    def _answer(self, route: Callable[[Request, bytes], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            self.calls.append(f"{request.method} {request.url.path}")
            if self.unavailable:
                self.unavailable -= 1
                return problem(TRY_AGAIN, "Try again in a moment.")
            job_id = request.path_params.get("job")
            if job_id is not None and job_id not in self.jobs:
                return problem(
                    JOB_NOT_FOUND, f"There is no job {job_id}. `ekyc jobs list` shows those there are."
                )
            return route(request, await request.body())

        return endpoint

    def _create(self, request: Request, body: bytes) -> Response:
        wanted = CreateTrainingJob.model_validate_json(body or b"{}")
        key = request.headers["Idempotency-Key"]
        known = next((job for job in self.jobs if self.keys.get(job) == key), None)
        if known:
            return problem(IDEMPOTENCY_KEY_REUSED, "A new key, please.")
        job_id = self.add_job(
            name=wanted.name,
            labels=wanted.labels or ["passport"],
            options=wanted.options.model_dump(),
            labelling_backend=wanted.labelling.backend or LabellingBackendName.GROUND_TRUTH,
        )
        self.keys[job_id] = key
        self.backends.append(wanted.labelling.backend)
        self.suggesting.append(wanted.labelling.suggestions_from_job)
        return body_of(self.jobs[job_id], 201)

    def _urls(self, request: Request, body: bytes) -> Response:
        wanted = UploadUrlsRequest.model_validate_json(body)
        if self.jobs[wanted.job_id].status is not JobStatus.CREATED:
            return problem(JOB_STARTED, "The job has started: create another one for more images.")
        self.url_calls.append(len(wanted.filenames))
        urls, refused = [], []
        for name in wanted.filenames:
            if reason := why_refused(name):
                refused.append(RefusedFilename(filename=name, code="invalid-filename", reason=reason))
            elif f"{wanted.job_id}/{name}" in self.images:
                there = RefusedFilename(
                    filename=name,
                    code="image-exists",
                    reason="It is there.",
                    size_bytes=len(self.images[f"{wanted.job_id}/{name}"]),
                )
                refused.append(there)
            else:
                urls.append(
                    UploadUrl(filename=name, url=f"{self.url}/store/{wanted.job_id}/{name}", expires_at=NOON)
                )
        return body_of(UploadUrls(urls=urls, refused=refused))

    def _import(self, request: Request, body: bytes) -> Response:
        job_id = request.path_params["job"]
        if self.jobs[job_id].labelling_backend is not LabellingBackendName.IMPORT:
            return problem(WRONG_STATE, "The job imports no labels: people draw them.")
        if self.jobs[job_id].status is not JobStatus.CREATED:
            return problem(JOB_STARTED, "The job has started: create another one for other labels.")
        return body_of(AnnotationsUrl(url=f"{self.url}/imports/{job_id}/annotations", expires_at=NOON))

    async def _put_labels(self, request: Request) -> Response:
        if faults := self.put_faults.get("annotations"):
            return Response("<Error><Message>Request has expired</Message></Error>", faults.pop(0))
        self.imported[request.path_params["job"]] = await request.body()
        return Response()

    async def _put(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.put_attempts.append(name)
        content = await request.body()
        if "content-length" not in request.headers:
            return Response("<Error><Message>You must provide the Content-Length</Message></Error>", 411)
        self.on_put(name)
        if faults := self.put_faults.get(name):
            return Response("<Error><Message>Request has expired</Message></Error>", faults.pop(0))
        self.images[f"{request.path_params['job']}/{name}"] = content
        return Response()

    def _start(self, request: Request, body: bytes) -> Response:
        job_id = json.loads(body)["jobId"]
        self.jobs[job_id] = at(self.jobs[job_id], JobStatus.LABELLING)
        started = StartedTrainingJob(
            job_id=job_id, status=JobStatus.LABELLING, labelling_job_arn=LABELLING_ARN
        )
        return body_of(started, 202)

    def _list(self, request: Request, body: bytes) -> Response:
        wanted, limit = request.query_params.get("status"), int(request.query_params.get("limit", "2"))
        after = request.query_params.get("nextToken")
        newest = sorted(self.jobs.values(), key=lambda job: job.job_id, reverse=True)
        fitting = [
            job for job in newest if wanted in {None, job.status} and (not after or job.job_id < after)
        ]
        token = fitting[limit - 1].job_id if len(fitting) > limit else None
        return body_of(TrainingJobList(jobs=list(fitting[:limit]), next_token=token))

    def _show(self, request: Request, body: bytes) -> Response:
        """Answer, and let the job move one step towards its end for whoever asks next."""
        job = self.jobs[request.path_params["job"]]
        moves: dict[JobStatus, JobStatus] = dict(zip(_ORDER, [*_ORDER[1:], self.end], strict=True))
        moves[JobStatus.STOPPING] = JobStatus.STOPPED
        if job.status in moves:
            self.jobs[job.job_id] = at(job, moves[job.status])
        return body_of(job)

    def _events(self, request: Request, body: bytes) -> Response:
        job_id = request.path_params["job"]
        entry = HistoryEntry(
            id="1",
            type="ekyc.training-job.started.v1",
            source="/ekyc/job-api",
            time=NOON,
            attempt=1,
            data={},
        )
        return body_of(History(job_id=job_id, events=[entry]))

    def _cancel(self, request: Request, body: bytes) -> Response:
        job = self.jobs[request.path_params["job"]]
        if job.status in {JobStatus.STOPPED, JobStatus.REJECTED}:
            return problem(WRONG_STATE, "There is nothing to cancel.")
        cancellation = Cancellation(
            at=NOON,
            reason=CancelTrainingJob.model_validate_json(body or b"{}").reason,
            lasting=("3 images were labelled, for about $0.24.",),
        )
        cancelled = at(job, JobStatus.CANCELLED).model_copy(update={"cancellation": cancellation})
        self.jobs[job.job_id] = cancelled
        return body_of(cancelled, 202)

    def _retry(self, request: Request, body: bytes) -> Response:
        job = self.jobs[request.path_params["job"]]
        wanted = RetryTrainingJob.model_validate_json(body or b"{}")
        if job.status is not JobStatus.FAILED:
            return problem(WRONG_STATE, "The job has not failed.")
        stage = wanted.stage or Stage.TRAINING
        self.retries.append((stage, wanted.relabel))
        retried = job.model_copy(update={"attempt": job.attempt + 1})
        self.jobs[job.job_id] = at(retried, _ORDER[_STAGES.index(stage)])
        return body_of(self.jobs[job.job_id], 202)

    def _model_start(self, request: Request, body: bytes) -> Response:
        return self._move_model(request, JobStatus.DEPLOYING)

    def _model_stop(self, request: Request, body: bytes) -> Response:
        return self._move_model(request, JobStatus.STOPPING)

    def _move_model(self, request: Request, status: JobStatus) -> Response:
        job = self.jobs[request.path_params["job"]]
        if job.model is None:
            return problem(NO_MODEL, "The job has no model yet: wait until it is trained.")
        self.jobs[job.job_id] = at(job, status)
        return body_of(self.jobs[job.job_id], 202)

    async def _annotations(self, request: Request) -> Response:
        self.handed_over.append(await request.json())
        return Response(status_code=204)

    async def _rekognition(self, request: Request) -> Response:
        asked = await request.json()
        assert request.headers["X-Amz-Target"] == "RekognitionService.DetectCustomLabels"
        assert asked["ProjectVersionArn"] == VERSION_ARN
        self.sent_images.append(asked["Image"]["Bytes"].encode())
        media_type = "application/x-amz-json-1.1"
        if self.rekognition_error:
            code, message = self.rekognition_error
            told = json.dumps({"__type": code, "Message": message})
            return Response(told, 400, {"x-amzn-errortype": code}, media_type)
        floor = asked.get("MinConfidence", 0)
        seen = [label for label in self.found if label["Confidence"] >= floor]
        return Response(json.dumps({"CustomLabels": seen}), media_type=media_type)


def at(job: TrainingJob, status: JobStatus) -> TrainingJob:
    """The job as it looks in a state, with what the stages before it have left."""
    passed = {s: place for place, s in enumerate(_ORDER)}.get(status, len(_ORDER))
    if status is JobStatus.CREATED:
        return job
    stages = tuple(
        StageTiming(
            stage=stage,
            started_at=NOON + timedelta(minutes=place),
            ended_at=NOON + timedelta(minutes=place + 1) if place < passed else None,
        )
        for place, stage in enumerate(_STAGES[: passed + 1])
    )
    labelling = LabellingResult(
        images=ImageCounts(uploaded=3, accepted=3, refused=0),
        labels=LabelCounts(labelled=3, failed=0, unlabelled=0),
    )
    model = ModelResult(
        project_version_arn=VERSION_ARN,
        f1=0.5,
        min_f1=0.9 if status is JobStatus.REJECTED else None,
        labels=(LabelMetrics(label="passport", test_images=3, f1=0.5),),
        running_since=NOON if status is JobStatus.RUNNING else None,
    )
    failure = Failure(
        stage=Stage.TRAINING,
        code="training-failed",
        reason="It failed.",
        advice="Add images.",
        details=("line 7: no boxes",),
        at=NOON,
    )
    trained = passed > _ORDER.index(JobStatus.TRAINING)
    running = Cost(labelling=0, training=1, running=0, total=1, per_hour_now=4)
    return job.model_copy(
        update={
            "status": status,
            "stages": stages,
            "labelling": labelling,
            "model": model if trained else None,
            "failure": failure if status is JobStatus.FAILED else None,
            "cost": running if status is JobStatus.RUNNING else job.cost,
        }
    )


def body_of(contract: Contract, status: int = 200) -> Response:
    """A contract as the API sends it."""
    return Response(contract.model_dump_json(), status, media_type="application/json")


def problem(kind: ProblemType, detail: str) -> Response:
    """A problem document as the API sends it."""
    document = Problem(type=kind.uri, title=kind.title, status=kind.status, detail=detail)
    return Response(document.model_dump_json(), kind.status, media_type=PROBLEM_MEDIA_TYPE)
