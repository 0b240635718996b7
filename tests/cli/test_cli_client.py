"""The HTTP client: what it repeats, what it raises."""

from collections.abc import Callable

import httpx
import pytest

from cli.client import ApiError, ApiUnreachable, PipelineApi
from contracts.http import CreateTrainingJob
from contracts.problems import INVALID_REQUEST, PROBLEM_MEDIA_TYPE, FieldFault, Problem

Handler = Callable[[httpx.Request], httpx.Response]
EMPTY_LIST: dict[str, object] = {"jobs": [], "nextToken": None}


def client(handler: Handler, waits: list[float] | None = None) -> PipelineApi:
    sleep = (waits if waits is not None else []).append
    return PipelineApi("http://api.test/stage", transport=httpx.MockTransport(handler), sleep=sleep)


def one_after_another(*steps: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        step = steps[len(seen) - 1]
        if isinstance(step, Exception):
            raise step
        return step

    return handle, seen


def test_a_failed_connection_is_tried_again_after_growing_waits() -> None:
    waits: list[float] = []
    handler, seen = one_after_another(
        httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.Response(200, json=EMPTY_LIST)
    )
    with client(handler, waits) as api:
        assert api.jobs().jobs == []
    assert len(seen) == 3
    assert 0 < waits[0] < waits[1] * 1.01 < 2


def test_the_path_of_the_address_is_kept() -> None:
    handler, seen = one_after_another(httpx.Response(200, json=EMPTY_LIST))
    with client(handler) as api:
        api.jobs(limit=3)
    assert str(seen[0].url) == "http://api.test/stage/api/training/list?limit=3"


def test_every_try_to_create_carries_the_same_key() -> None:
    handler, seen = one_after_another(httpx.ReadTimeout(""), httpx.Response(503), httpx.Response(409))
    with client(handler) as api, pytest.raises(ApiError):
        api.create(CreateTrainingJob(), idempotency_key="k-1")
    assert [request.headers["Idempotency-Key"] for request in seen] == ["k-1"] * 3


def test_a_service_that_names_its_pause_gets_it() -> None:
    waits: list[float] = []
    handler, _ = one_after_another(
        httpx.Response(503, headers={"Retry-After": "7"}), httpx.Response(200, json=EMPTY_LIST)
    )
    with client(handler, waits) as api:
        api.jobs()
    assert waits == [7.0]


def test_no_answer_at_all_is_unreachable() -> None:
    handler, seen = one_after_another(*[httpx.ConnectError("refused")] * 5)
    with client(handler) as api, pytest.raises(ApiUnreachable, match=r"api\.test.*refused"):
        api.jobs()
    assert len(seen) == 5


def test_a_refusal_is_not_repeated_and_carries_the_problem() -> None:
    problem = Problem(
        type=INVALID_REQUEST.uri,
        title=INVALID_REQUEST.title,
        status=422,
        detail="Correct the members named.",
        errors=[FieldFault(field="labels", message="too many")],
    )
    handler, seen = one_after_another(
        httpx.Response(422, content=problem.model_dump_json(), headers={"Content-Type": PROBLEM_MEDIA_TYPE})
    )
    with client(handler) as api, pytest.raises(ApiError) as caught:
        api.jobs()
    assert (caught.value.status, caught.value.code) == (422, "invalid-request")
    assert caught.value.detail == "Correct the members named."
    assert caught.value.errors[0].field == "labels"
    assert len(seen) == 1


def test_an_error_that_is_no_problem_document_still_says_what_it_is() -> None:
    handler, _ = one_after_another(httpx.Response(403, json={"message": "Missing Authentication Token"}))
    with client(handler) as api, pytest.raises(ApiError, match="Missing Authentication Token") as caught:
        api.jobs()
    assert caught.value.code == "http-403"


def test_a_success_in_another_shape_is_not_taken_for_the_api() -> None:
    handler, _ = one_after_another(httpx.Response(200, html="<h1>Welcome</h1>"))
    with client(handler) as api, pytest.raises(ApiUnreachable, match="Check the address"):
        api.jobs()
