"""Events in: a batch from the queue, one answer per message."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from contracts.envelope import Event
from contracts.events import ContractError, parse_event
from runtime.observe import count, get_logger
from runtime.tracing import trace_id

Routes = Mapping[type[Event], Callable[[Any], None]]
"""What to do with each event type: a service's whole routing on one screen."""

Notices = Mapping[str, Callable[[dict[str, Any]], None]]
"""What to do with EventBridge events, by their ``detail-type``."""

_MAX_REASON = 2000


def consume(
    batch: dict[str, Any], context: LambdaContext, routes: Routes, notices: Notices | None = None
) -> PartialItemFailureResponse:
    """Handle each message of an SQS batch; those that fail go back to the queue, alone.

    A message that is not an event of ours fails too: after the queue's last receive it stands in the
    dead-letter queue, where an alarm sees it, and has held up nothing.
    """

    def on_record(record: SQSRecord) -> None:
        try:
            _dispatch(json.loads(record.body), routes, notices or {})
        except Exception as error:
            # `ekyc ops dlq show` finds this line by message_id: why a dead letter is one.
            get_logger().exception(
                "message failed",
                message_id=record.message_id,
                error_type=type(error).__name__,
                reason=str(error)[:_MAX_REASON],
            )
            count("MessageFailed")
            raise
        finally:
            get_logger().remove_keys(["job_id", "attempt", "event_type", "event_id", "correlation_id"])

    # Raising when a whole batch fails would only cost the process its warm state: every message is answered.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(
        event=batch, record_handler=on_record, processor=processor, context=context
    )


def _dispatch(document: Any, routes: Routes, notices: Notices) -> None:
    logger = get_logger()
    if not isinstance(document, dict):
        raise ContractError("a message is a JSON object")
    if "detail-type" in document:
        logger.info("notice received", detail_type=document["detail-type"])
        handle_notice = notices.get(document["detail-type"])
        if handle_notice is None:
            raise ContractError(f"no notice of type {document['detail-type']!r} is expected here")
        handle_notice(document)
        return
    # Known before the event is: one that breaks its contract belongs to a job's trace as well.
    logger.append_keys(correlation_id=trace_id(document.get("traceparent")))
    event = parse_event(document)
    logger.append_keys(
        job_id=event.job_id,
        attempt=event.attempt,
        event_type=event.type,
        event_id=event.id,
    )
    logger.info("event received")
    handle = routes.get(type(event))
    if handle is None:
        raise ContractError(f"no event of type {event.type!r} is expected here")
    handle(event)
