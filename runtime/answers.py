"""Every error as a problem document; nothing answers otherwise."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from contracts.problems import (
    INTERNAL,
    INVALID_REQUEST,
    PROBLEM_MEDIA_TYPE,
    ROUTE_NOT_FOUND,
    TRY_AGAIN,
    FieldFault,
    Problem,
    ProblemType,
)
from runtime.bodies import with_plain_body
from runtime.errors import Permanent, Retryable
from runtime.observe import count, get_logger
from runtime.problem_error import ProblemError

_MOST_FAULTS = 20
_LONGEST_NAME = 100
_PARTS = {"body", "query", "path", "header"}


def problem_response(
    problem_type: ProblemType, detail: str, instance: str, errors: list[FieldFault] | None = None
) -> Response[str]:
    """Write a problem document."""
    problem = Problem(
        type=problem_type.uri,
        title=problem_type.title,
        status=problem_type.status,
        detail=detail,
        instance=instance,
        errors=errors,
    )
    headers: dict[str, str | list[str]] = {"Retry-After": "5"} if problem_type is TRY_AGAIN else {}
    return Response(
        status_code=problem_type.status,
        content_type=PROBLEM_MEDIA_TYPE,
        body=problem.model_dump_json(exclude_none=True),
        headers=headers,
    )


def documented(status: int, model: type | None, *problems: ProblemType) -> dict[int, Any]:
    """Describe a route's answers for OpenAPI: the good one, and the problems that can come instead."""
    good: dict[str, Any] = {"description": "Successful Response"}
    if model is not None:
        good["content"] = {"application/json": {"model": model}}
    answers: dict[int, Any] = {status: good}
    for problem in (*problems, TRY_AGAIN):
        told = answers.setdefault(
            problem.status, {"description": "", "content": {PROBLEM_MEDIA_TYPE: {"model": Problem}}}
        )
        told["description"] = f"{told['description']} {problem.title} (`{problem.uri}`).".strip()
    return answers


def add_error_answers(app: APIGatewayRestResolver) -> None:
    """Turn whatever a route raises into a problem document."""

    def answer(
        problem_type: ProblemType, detail: str, errors: list[FieldFault] | None = None
    ) -> Response[str]:
        return problem_response(problem_type, detail, app.current_event.path, errors)

    def _on_problem(error: ProblemError) -> Response[str]:
        return answer(error.problem_type, error.detail, list(error.errors) or None)

    def _on_invalid_request(error: RequestValidationError) -> Response[str]:
        faults = [_field_fault(fault) for fault in error.errors()[:_MOST_FAULTS]]
        told = "; ".join(f"{fault.field}: {fault.message}" for fault in faults)
        return answer(INVALID_REQUEST, f"Correct the request. {told}", faults)

    @app.not_found
    def _on_unknown_route(_: NotFoundError) -> Response[str]:
        return answer(ROUTE_NOT_FOUND, "See GET /openapi.json for the routes of this API and their methods.")

    def _on_passing_trouble(error: Retryable) -> Response[str]:
        get_logger().warning("request not answered", reason=str(error))
        count("RequestNotAnswered")
        return answer(TRY_AGAIN, "AWS did not answer in time: send the request again in a few seconds.")

    def _on_lasting_trouble(error: Permanent) -> Response[str]:
        get_logger().error("request failed", code=error.code, reason=error.reason)
        return _internal()

    def _on_fault_of_ours(error: Exception) -> Response[str]:
        get_logger().exception("request failed", error_type=type(error).__name__)
        return _internal()

    def _internal() -> Response[str]:
        count("RequestFailed")
        return answer(
            INTERNAL,
            "This is a fault of the service; its logs tell more. Nothing of the job is lost: try again.",
        )

    for error_type, handler in (
        (ProblemError, _on_problem),
        (RequestValidationError, _on_invalid_request),
        (Retryable, _on_passing_trouble),
        (Permanent, _on_lasting_trouble),
        (Exception, _on_fault_of_ours),
    ):
        app.exception_handler(error_type)(handler)


def _field_fault(fault: dict[str, Any]) -> FieldFault:
    if fault["type"] == "json_invalid":
        return FieldFault(field="body", message=f"This is no JSON document ({fault['ctx']['error']}).")
    # The name of a member that nobody knows is the sender's own, and of any length.
    field = ".".join(str(part)[:_LONGEST_NAME] for part in fault["loc"] if part not in _PARTS)
    return FieldFault(field=field or "body", message=fault["msg"].removeprefix("Value error, "))


def respond(app: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request that API Gateway hands over.

    The body is read as JSON whatever its content type says: ``curl -d`` sends another one by default.
    """
    untyped = {
        member: {
            name: value for name, value in (event.get(member) or {}).items() if name.lower() != "content-type"
        }
        for member in ("headers", "multiValueHeaders")
    }
    get_logger().info("request", method=event.get("httpMethod"), route=event.get("resource"))
    try:
        plain = with_plain_body(event | untyped)
    except ProblemError as error:
        refusal = problem_response(error.problem_type, error.detail, event["path"], list(error.errors))
        headers = {"Content-Type": [PROBLEM_MEDIA_TYPE]}
        return {
            "statusCode": refusal.status_code,
            "multiValueHeaders": headers,
            "body": refusal.body,
            "isBase64Encoded": False,
        }
    return app.resolve(plain, context)
