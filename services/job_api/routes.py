"""The HTTP API's routes: all of them, on one screen."""

import os
from importlib.resources import files
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from contracts.http import (
    AnnotationsUrl,
    CancelTrainingJob,
    CreateTrainingJob,
    Health,
    History,
    RetryTrainingJob,
    StartedTrainingJob,
    StartTrainingJob,
    TrainingJob,
    TrainingJobList,
    UploadUrl,
    UploadUrls,
    UploadUrlsRequest,
)
from contracts.problems import (
    FILENAME_TAKEN,
    IDEMPOTENCY_KEY_REUSED,
    IMAGE_UNUSABLE,
    INVALID_FILENAME,
    INVALID_REQUEST,
    JOB_NOT_FOUND,
    JOB_STARTED,
    NO_ANNOTATIONS,
    NO_IMAGES,
    NO_MODEL,
    NO_RESULTS,
    NOT_A_LEAD,
    NOTHING_TO_RETRY,
    WRONG_STATE,
    FieldFault,
)
from contracts.results import Detection, ModelResults, TryModel
from contracts.stages import JobStatus
from runtime.answers import add_error_answers, documented
from runtime.problem_error import ProblemError
from runtime.tracing import traceparent
from services.job_api.detection import Detecting
from services.job_api.guard import guard
from services.job_api.image_urls import ImageUrls
from services.job_api.results import Results
from services.job_api.training_jobs import TrainingJobs

JobIdInPath = Annotated[str, Path(alias="jobId", description="The job's id, as create answered it")]


StatusInQuery = Annotated[JobStatus | None, Query(description="Only jobs in this state")]


def make_app(
    jobs: TrainingJobs, images: ImageUrls, results: Results, detecting: Detecting, leads: str
) -> APIGatewayRestResolver:
    """Give the resolver of all routes; ``leads`` is the Cognito group whose members may change something."""
    app = APIGatewayRestResolver(enable_validation=True)
    add_error_answers(app)
    app.use([guard(leads)])
    _add_creation(app, jobs)
    _add_images(app, images)
    _add_reading(app, jobs)
    _add_commands(app, jobs)
    _add_looking(app, results, detecting)
    _add_service(app)
    return app


def _add_creation(app: APIGatewayRestResolver, jobs: TrainingJobs) -> None:
    @app.post(
        "/api/training/create",
        summary="Create a training job",
        status_code=201,
        responses=documented(
            201, TrainingJob, NOT_A_LEAD, INVALID_REQUEST, IDEMPOTENCY_KEY_REUSED, JOB_NOT_FOUND, NO_MODEL
        ),
    )
    def create(
        body: CreateTrainingJob | None = None,
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
        trace: Annotated[str | None, Header(alias="traceparent")] = None,
    ) -> TrainingJob:
        return jobs.create(
            body or CreateTrainingJob(),
            idempotency_key=idempotency_key,
            traceparent=traceparent(trace, os.environ.get("_X_AMZN_TRACE_ID")),
        )


def _add_images(app: APIGatewayRestResolver, images: ImageUrls) -> None:
    @app.get(
        "/api/training/url",
        summary="Get the upload URL of one image",
        description="Answers the bare URL to a request that accepts text/plain and not application/json.",
        responses=documented(
            200,
            UploadUrl,
            NOT_A_LEAD,
            INVALID_REQUEST,
            JOB_NOT_FOUND,
            INVALID_FILENAME,
            FILENAME_TAKEN,
            JOB_STARTED,
        ),
    )
    def url(
        job_id: Annotated[str | None, Query(alias="jobId", description="The job's id")] = None,
        filename: Annotated[str | None, Query(description="Used once per job")] = None,
        renew: Annotated[
            bool, Query(description="Give a name out again whose image has not arrived")
        ] = False,
        original_job_id: Annotated[
            str | None, Query(alias="JobId", description="The original API's name of jobId")
        ] = None,
        original_filename: Annotated[
            str | None, Query(alias="S3Key", description="The original API's name of filename")
        ] = None,
    ) -> Response[str]:
        upload = images.one(
            _given("jobId", job_id, original_job_id),
            _given("filename", filename, original_filename),
            renew=renew,
        )
        accepted = app.current_event.headers.get("accept") or ""
        # Many HTTP libraries ask for both, and read JSON.
        if "text/plain" in accepted and "application/json" not in accepted:
            return Response(status_code=200, content_type="text/plain", body=upload.url)
        return Response(status_code=200, content_type="application/json", body=upload.model_dump_json())

    @app.post(
        "/api/training/urls",
        summary="Get the upload URLs of up to 1,000 images",
        responses=documented(200, UploadUrls, NOT_A_LEAD, INVALID_REQUEST, JOB_NOT_FOUND, JOB_STARTED),
    )
    def urls(body: UploadUrlsRequest) -> UploadUrls:
        return images.many(body.job_id, body.filenames, renew=body.renew)

    @app.post(
        "/api/training/<jobId>/annotations",
        summary="Get the upload URL of the labels to import",
        description="With the labelling backend `import`: a COCO document, a manifest of Ground Truth or "
        "Custom Labels, or a zip of Pascal VOC files. What is uploaded last before the start counts.",
        responses=documented(200, AnnotationsUrl, NOT_A_LEAD, JOB_NOT_FOUND, JOB_STARTED, WRONG_STATE),
    )
    def annotations(job_id: JobIdInPath) -> AnnotationsUrl:
        return images.annotations(job_id)


def _add_reading(app: APIGatewayRestResolver, jobs: TrainingJobs) -> None:
    @app.get(
        "/api/training/list",
        summary="List the training jobs, newest first",
        responses=documented(200, TrainingJobList, INVALID_REQUEST),
    )
    def list_jobs(
        status: StatusInQuery = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
    ) -> TrainingJobList:
        return jobs.list(status, limit, next_token)

    @app.get(
        "/api/training/<jobId>",
        summary="Show a training job",
        responses=documented(200, TrainingJob, JOB_NOT_FOUND),
    )
    def show(job_id: JobIdInPath) -> TrainingJob:
        return jobs.show(job_id)

    @app.get(
        "/api/training/<jobId>/events",
        summary="Show a training job's history",
        responses=documented(200, History, JOB_NOT_FOUND),
    )
    def history(job_id: JobIdInPath) -> History:
        return jobs.history(job_id)


def _add_commands(app: APIGatewayRestResolver, jobs: TrainingJobs) -> None:
    @app.post(
        "/api/training/start",
        summary="Start a training job",
        status_code=202,
        responses=documented(
            202, StartedTrainingJob, NOT_A_LEAD, INVALID_REQUEST, JOB_NOT_FOUND, NO_IMAGES, NO_ANNOTATIONS
        ),
    )
    def start(
        body: StartTrainingJob | None = None,
        job_id: Annotated[str | None, Query(alias="jobId")] = None,
        original_job_id: Annotated[str | None, Query(alias="JobId")] = None,
    ) -> StartedTrainingJob:
        return jobs.start(_given("jobId", body.job_id if body else None, job_id, original_job_id))

    @app.post(
        "/api/training/<jobId>/cancel",
        summary="Cancel a training job for good, at any stage",
        description="Stops the labelling job and the model. AWS cannot cancel a training: it goes on until "
        "it ends, is billed, and its model is not deployed. `cancellation.lasting` in the answer names what "
        "was paid for and cannot be undone.",
        status_code=202,
        responses=documented(202, TrainingJob, NOT_A_LEAD, INVALID_REQUEST, JOB_NOT_FOUND, WRONG_STATE),
    )
    def cancel(job_id: JobIdInPath, body: CancelTrainingJob | None = None) -> TrainingJob:
        return jobs.cancel(job_id, body.reason if body else None)

    @app.post(
        "/api/training/<jobId>/retry",
        summary="Make another attempt at a training job that has failed",
        description="Begins at the stage that failed, or at `from`; what succeeded before is kept. What "
        "people have labelled is not labelled again unless `relabel` asks for it.",
        status_code=202,
        responses=documented(
            202, TrainingJob, NOT_A_LEAD, INVALID_REQUEST, JOB_NOT_FOUND, WRONG_STATE, NOTHING_TO_RETRY
        ),
    )
    def retry(job_id: JobIdInPath, body: RetryTrainingJob | None = None) -> TrainingJob:
        return jobs.retry(job_id, body or RetryTrainingJob())

    @app.post(
        "/api/training/<jobId>/model/start",
        summary="Start the model; it costs money until it is stopped",
        status_code=202,
        responses=documented(202, TrainingJob, NOT_A_LEAD, JOB_NOT_FOUND, NO_MODEL, WRONG_STATE),
    )
    def start_model(job_id: JobIdInPath) -> TrainingJob:
        return jobs.start_model(job_id)

    @app.post(
        "/api/training/<jobId>/model/stop",
        summary="Stop the model",
        status_code=202,
        responses=documented(202, TrainingJob, NOT_A_LEAD, JOB_NOT_FOUND, NO_MODEL, WRONG_STATE),
    )
    def stop_model(job_id: JobIdInPath) -> TrainingJob:
        return jobs.stop_model(job_id)


def _add_looking(app: APIGatewayRestResolver, results: Results, detecting: Detecting) -> None:
    @app.get(
        "/api/training/<jobId>/results",
        summary="Show the test images with true and predicted boxes, the worst first",
        responses=documented(200, ModelResults, INVALID_REQUEST, JOB_NOT_FOUND, NO_RESULTS),
    )
    def show_results(
        job_id: JobIdInPath,
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
    ) -> ModelResults:
        return results.page(job_id, limit, next_token)

    @app.post(
        "/api/training/<jobId>/detect",
        summary="Try the running model on one image",
        description="The image is looked at and not kept. Boxes are in its stored pixels.",
        responses=documented(200, Detection, INVALID_REQUEST, JOB_NOT_FOUND, NO_MODEL, IMAGE_UNUSABLE),
    )
    def detect(job_id: JobIdInPath, body: TryModel) -> Detection:
        return detecting.detect(job_id, body)


def _add_service(app: APIGatewayRestResolver) -> None:
    @app.get("/api/health", summary="Say that the API answers", responses=documented(200, Health))
    def health() -> Health:
        return Health()

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response[str]:
        document = files("contracts").joinpath("schemas/openapi.json").read_text()
        return Response(status_code=200, content_type="application/json", body=document)


def _given(name: str, *candidates: str | None) -> str:
    for candidate in candidates:
        if candidate:
            return candidate
    fault = FieldFault(field=name, message="Field required")
    raise ProblemError(INVALID_REQUEST, f"Correct the request. {name}: {fault.message}", [fault])
