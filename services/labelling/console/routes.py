"""The routes with which people label: all of them, on one screen."""

from collections.abc import Callable
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from contracts.labelling_http import (
    Answer,
    AssignTask,
    LabellingJobList,
    LabellingProgress,
    LabellingTask,
    Lease,
    Submitted,
    TaskList,
    TaskState,
    TaskSummary,
)
from contracts.problems import (
    INVALID_REQUEST,
    JOB_NOT_FOUND,
    LABELLING_OVER,
    LEASE_LOST,
    NOT_A_LEAD,
    NOTHING_TO_UNDO,
    TASK_NOT_FOUND,
    WRONG_STATE,
    FieldFault,
)
from runtime.answers import add_error_answers, documented
from runtime.problem_error import ProblemError
from services.labelling.console.asking import WORKER_HEADER, Asker, UnknownWorker, asker_of
from services.labelling.console.desk import Desk
from services.labelling.console.face import Face
from services.labelling.console.leading import Leading
from services.labelling.console.overview import Overview

JobIdInPath = Annotated[str, Path(alias="jobId", description="The training job's id")]
TaskIdInPath = Annotated[str, Path(alias="taskId", description="The image's id, as `next` answered it")]
WorkerInHeader = Annotated[
    str | None, Header(alias=WORKER_HEADER, description="Who labels, where nobody signs in")
]
_Ask = Callable[[str | None], Asker]


def make_app(face: Face) -> APIGatewayRestResolver:
    """Give the resolver of all routes."""
    app = APIGatewayRestResolver(enable_validation=True)
    add_error_answers(app)

    def ask(worker: str | None) -> Asker:
        try:
            return asker_of(app.current_event["requestContext"], worker, face.leads)
        except UnknownWorker as error:
            fault = FieldFault(field=WORKER_HEADER, message=str(error))
            raise ProblemError(INVALID_REQUEST, f"Correct the request. {error}", [fault]) from error

    _add_overview(app, face.overview, ask)
    _add_desk(app, face.desk, ask)
    _add_holding(app, face.desk, ask)
    _add_leading(app, face.leading, face.overview, ask)
    return app


def _add_overview(app: APIGatewayRestResolver, overview: Overview, ask: _Ask) -> None:
    @app.get(
        "/api/labelling/jobs",
        summary="List the jobs whose images are being labelled in the console",
        responses=documented(200, LabellingJobList, INVALID_REQUEST),
    )
    def list_jobs(worker: WorkerInHeader = None) -> LabellingJobList:
        return overview.jobs(ask(worker))

    @app.get(
        "/api/labelling/<jobId>",
        summary="Show how far a job's labelling is",
        responses=documented(200, LabellingProgress, INVALID_REQUEST, JOB_NOT_FOUND),
    )
    def show_progress(job_id: JobIdInPath, worker: WorkerInHeader = None) -> LabellingProgress:
        return overview.progress(job_id, ask(worker))


def _add_desk(app: APIGatewayRestResolver, desk: Desk, ask: _Ask) -> None:
    @app.post(
        "/api/labelling/<jobId>/next",
        summary="Lease the next image to label",
        description="The image that the caller holds already, if there is one.",
        responses=documented(200, LabellingTask, INVALID_REQUEST, JOB_NOT_FOUND, WRONG_STATE)
        | {204: {"description": "No image is left for the caller, or the labelling is over"}},
    )
    def take_next(job_id: JobIdInPath, worker: WorkerInHeader = None) -> Response[str]:
        task = desk.next(job_id, ask(worker).worker)
        if task is None:
            return Response(status_code=204, body="")
        return Response(status_code=200, content_type="application/json", body=task.model_dump_json())

    @app.put(
        "/api/labelling/<jobId>/tasks/<taskId>",
        summary="Answer what is in an image",
        description="The same answer again counts once; another one by the same person takes its place. "
        "With `attempt`, as `next` answered it, an answer that comes after the job was retried is refused, "
        "and not counted for the image that has this id now.",
        responses=documented(
            200,
            Submitted,
            INVALID_REQUEST,
            JOB_NOT_FOUND,
            TASK_NOT_FOUND,
            LEASE_LOST,
            LABELLING_OVER,
            WRONG_STATE,
        ),
    )
    def submit(
        job_id: JobIdInPath,
        task_id: TaskIdInPath,
        body: Answer,
        attempt: Annotated[
            int | None, Query(ge=1, description="In which attempt the image was leased")
        ] = None,
        worker: WorkerInHeader = None,
    ) -> Submitted:
        return desk.submit(job_id, task_id, ask(worker).worker, body, attempt)

    @app.post(
        "/api/labelling/<jobId>/undo",
        summary="Take one's last answer back",
        description="Its image is the caller's again; one that they hold meanwhile goes back. The answer is "
        "kept: `next` gives it to them with the image, until they answer anew or others complete the image.",
        responses=documented(
            200, LabellingTask, INVALID_REQUEST, JOB_NOT_FOUND, NOTHING_TO_UNDO, LABELLING_OVER, WRONG_STATE
        ),
    )
    def undo(job_id: JobIdInPath, worker: WorkerInHeader = None) -> LabellingTask:
        return desk.undo(job_id, ask(worker).worker)


def _add_holding(app: APIGatewayRestResolver, desk: Desk, ask: _Ask) -> None:
    problems = (INVALID_REQUEST, JOB_NOT_FOUND, TASK_NOT_FOUND, LABELLING_OVER, WRONG_STATE)

    @app.post(
        "/api/labelling/<jobId>/tasks/<taskId>/renew",
        summary="Prolong the lease of an image",
        responses=documented(200, Lease, LEASE_LOST, *problems),
    )
    def renew(job_id: JobIdInPath, task_id: TaskIdInPath, worker: WorkerInHeader = None) -> Lease:
        return desk.renew(job_id, task_id, ask(worker).worker)

    @app.post(
        "/api/labelling/<jobId>/tasks/<taskId>/release",
        summary="Give an image back without an answer",
        status_code=204,
        responses=documented(204, None, *problems),
    )
    def release(job_id: JobIdInPath, task_id: TaskIdInPath, worker: WorkerInHeader = None) -> Response[str]:
        desk.release(job_id, task_id, ask(worker).worker)
        return Response(status_code=204, body="")


def _add_leading(app: APIGatewayRestResolver, leading: Leading, overview: Overview, ask: _Ask) -> None:
    problems = (INVALID_REQUEST, NOT_A_LEAD, JOB_NOT_FOUND, WRONG_STATE)
    of_one = (*problems, TASK_NOT_FOUND, LEASE_LOST, LABELLING_OVER)

    @app.get(
        "/api/labelling/<jobId>/tasks",
        summary="List a job's images and who has labelled them",
        responses=documented(200, TaskList, *problems),
    )
    def list_tasks(
        job_id: JobIdInPath,
        state: Annotated[TaskState | None, Query(description="Only images in this state")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
        worker: WorkerInHeader = None,
    ) -> TaskList:
        return leading.tasks(job_id, ask(worker), state, limit, next_token)

    @app.post(
        "/api/labelling/<jobId>/tasks/<taskId>/reopen",
        summary="Throw an image's answers away and give it out again",
        responses=documented(200, TaskSummary, *of_one),
    )
    def reopen(job_id: JobIdInPath, task_id: TaskIdInPath, worker: WorkerInHeader = None) -> TaskSummary:
        return leading.reopen(job_id, task_id, ask(worker))

    @app.post(
        "/api/labelling/<jobId>/tasks/<taskId>/assign",
        summary="Let an image wait for one person",
        responses=documented(200, TaskSummary, *of_one),
    )
    def assign(
        job_id: JobIdInPath, task_id: TaskIdInPath, body: AssignTask, worker: WorkerInHeader = None
    ) -> TaskSummary:
        return leading.assign(job_id, task_id, ask(worker), body.worker)

    @app.post(
        "/api/labelling/<jobId>/finish",
        summary="End the labelling now",
        description="What is labelled goes on as the job's labels; the rest is never labelled.",
        status_code=202,
        responses=documented(202, LabellingProgress, *problems, LABELLING_OVER),
    )
    def finish(job_id: JobIdInPath, worker: WorkerInHeader = None) -> LabellingProgress:
        asker = ask(worker)
        leading.finish(job_id, asker)
        return overview.progress(job_id, asker)
