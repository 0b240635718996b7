"""The HTTP API as a typed client: contracts in, contracts out, one exception for every refusal."""

import random
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from cli.loopback import NO_PROXY
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
    UploadUrls,
    UploadUrlsRequest,
)
from contracts.problems import PROBLEM_MEDIA_TYPE, FieldFault, Problem
from contracts.stages import JobStatus

# The API's function may take 25 s; API Gateway gives up after 29.
_TIMEOUT = httpx.Timeout(30, connect=5)
_RETRIES = 4
_FIRST_DELAY = 0.25
_LONGEST_DELAY = 10.0
_PASSING = frozenset({429, 502, 503, 504})

_Answer = TypeVar("_Answer", bound=BaseModel)


class ApiError(Exception):
    """The API refused: its problem document, or the nearest thing to one."""

    def __init__(self, status: int, code: str, detail: str, errors: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors

    @property
    def passing(self) -> bool:
        """Whether the same request may well be answered a little later."""
        return self.status in _PASSING


class ApiUnreachable(Exception):
    """No answer came from where the API should be."""


class PipelineApi:
    """A client of one deployment of the API; a context manager, so that its connections are closed.

    Every call may be repeated without harm (`create` through its idempotency key), so all of them are,
    a few times, when the connection fails or the service says that it cannot answer just now. Each raises
    `ApiError` when the API refuses and `ApiUnreachable` when it does not answer.
    """

    def __init__(
        self,
        url: str,
        *,
        auth: httpx.Auth | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url
        self._http = httpx.Client(
            base_url=url,
            auth=auth,
            timeout=_TIMEOUT,
            transport=transport,
            mounts=NO_PROXY,
            headers={"Accept": f"application/json, {PROBLEM_MEDIA_TYPE}"},
        )
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def create(self, request: CreateTrainingJob, *, idempotency_key: str) -> TrainingJob:
        """Create a job; the same key with the same request gives the same job."""
        return self._post(
            "/api/training/create", TrainingJob, request, headers={"Idempotency-Key": idempotency_key}
        )

    def renew_upload_urls(self, job_id: str, filenames: list[str]) -> UploadUrls:
        """Ask where to put images (at most 1,000), those included that were asked for but never arrived."""
        request = UploadUrlsRequest(job_id=job_id, filenames=filenames, renew=True)
        return self._post("/api/training/urls", UploadUrls, request)

    def annotations_url(self, job_id: str) -> AnnotationsUrl:
        """Ask where to put the labels that are to be imported; what is put there last counts."""
        return self._post(f"/api/training/{job_id}/annotations", AnnotationsUrl)

    def start(self, job_id: str) -> StartedTrainingJob:
        """Start the pipeline; no image can be added afterwards."""
        return self._post("/api/training/start", StartedTrainingJob, StartTrainingJob(job_id=job_id))

    def health(self) -> Health:
        """The API answers; it asks nobody who they are for that."""
        return self._read(Health, self._send("GET", "/api/health"))

    def job(self, job_id: str) -> TrainingJob:
        """Everything known about a job."""
        return self._read(TrainingJob, self._send("GET", f"/api/training/{job_id}"))

    def history(self, job_id: str) -> History:
        """The job's events, oldest first."""
        return self._read(History, self._send("GET", f"/api/training/{job_id}/events"))

    def jobs(
        self, *, status: JobStatus | None = None, limit: int | None = None, next_token: str | None = None
    ) -> TrainingJobList:
        """One page of jobs, newest first."""
        given = {"status": status, "limit": limit, "nextToken": next_token}
        params = {name: str(value) for name, value in given.items() if value is not None}
        return self._read(TrainingJobList, self._send("GET", "/api/training/list", params=params))

    def cancel(self, job_id: str, reason: str | None = None) -> TrainingJob:
        """Ask for the job to be cancelled for good."""
        return self._post(f"/api/training/{job_id}/cancel", TrainingJob, CancelTrainingJob(reason=reason))

    def retry(self, job_id: str, request: RetryTrainingJob) -> TrainingJob:
        """Ask for another attempt; while that is under way, asking again changes nothing."""
        return self._post(f"/api/training/{job_id}/retry", TrainingJob, request)

    def start_model(self, job_id: str) -> TrainingJob:
        """Ask for the job's model to run; it costs money from then on."""
        return self._post(f"/api/training/{job_id}/model/start", TrainingJob)

    def stop_model(self, job_id: str) -> TrainingJob:
        """Ask for the job's model to stop."""
        return self._post(f"/api/training/{job_id}/model/stop", TrainingJob)

    def _post(
        self,
        path: str,
        answer: type[_Answer],
        request: BaseModel | None = None,
        headers: dict[str, str] | None = None,
    ) -> _Answer:
        content = request.model_dump_json(by_alias=True, exclude_none=True) if request else None
        headers = {**(headers or {}), **({"Content-Type": "application/json"} if content else {})}
        return self._read(answer, self._send("POST", path, content=content, headers=headers))

    def _send(
        self,
        method: str,
        path: str,
        *,
        content: str | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        request = self._http.build_request(method, path, content=content, headers=headers, params=params)
        delays = _delays()
        while True:
            delay = next(delays, None)
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                if delay is None:
                    raise ApiUnreachable(f"No answer from {self.url} ({_why(error)}).") from error
            else:
                if delay is None or response.status_code not in _PASSING:
                    return response
                delay = max(delay, _asked_delay(response))
            self._sleep(delay)

    def _read(self, answer: type[_Answer], response: httpx.Response) -> _Answer:
        if response.is_error:
            raise _refusal(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise ApiUnreachable(
                f"{self.url} answers, but not as this version's API does "
                f"({response.status_code}, {response.headers.get('Content-Type', 'no content type')}). "
                "Check the address."
            ) from error


def _delays() -> Iterator[float]:
    """Seconds to wait before each retry: doubling, with jitter so that clients do not march in step."""
    for attempt in range(_RETRIES):
        yield min(_LONGEST_DELAY, _FIRST_DELAY * 2**attempt) * random.uniform(0.5, 1)  # noqa: S311 - jitter


def _asked_delay(response: httpx.Response) -> float:
    """The seconds that a `Retry-After` header asks for, as far as a person would wait for them."""
    seconds = response.headers.get("Retry-After", "")
    return min(_LONGEST_DELAY, float(seconds)) if seconds.isdecimal() else 0.0


def _refusal(response: httpx.Response) -> ApiError:
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        detail = response.text.strip()[:300] or response.reason_phrase
        return ApiError(response.status_code, f"http-{response.status_code}", detail)
    code = problem.type.rsplit(":", 1)[-1]
    return ApiError(response.status_code, code, problem.detail, tuple(problem.errors or ()))


def _why(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
