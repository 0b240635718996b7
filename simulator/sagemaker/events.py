"""The EventBridge event of a labelling job that ended [sms-monitor-cloud-watch]."""

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from simulator.core.aws import Aws
from simulator.core.tasks import Task, Work
from simulator.core.world import caller_of_task

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

log = logging.getLogger(__name__)

DETAIL_TYPE = "SageMaker Ground Truth Labeling Job State Change"


def event_entry(job_arn: str, status: str, at: datetime) -> "PutEventsRequestEntryTypeDef":
    """Return the PutEvents entry; its detail holds the status and nothing else."""
    return {
        "Source": "aws.sagemaker",
        "DetailType": DETAIL_TYPE,
        "Resources": [job_arn],
        "Detail": json.dumps({"LabelingJobStatus": status}),
        "Time": at,
    }


class EmitEvent:
    """Puts the event on the caller's default bus. Best effort, as on AWS: a refusal is logged once."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._complained = False

    def begin(self, task: Task) -> Work:
        """Return the work of sending."""
        at = datetime.fromisoformat(task.data["time"])
        entry = event_entry(task.subject, task.data["status"], at)
        return lambda: self._send(task, entry)

    def end(self, task: Task, result: Any, at: datetime) -> None:
        """Log a refusal, the first time."""
        if result and not self._complained:
            self._complained = True
            log.warning(
                "EventBridge did not take the labelling event: %s. Labelling jobs go on without events; "
                "DescribeLabelingJob tells their status. (This is logged once.)",
                result,
            )

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        """Nothing follows: the event is lost and the log has the trace."""

    def _send(self, task: Task, entry: "PutEventsRequestEntryTypeDef") -> str:
        """Return why the event was not taken; empty when it was."""
        try:
            answer = self._aws.events(caller_of_task(task)).put_events(Entries=[entry])
        except (BotoCoreError, ClientError) as error:
            return str(error)
        failed = [e for e in answer["Entries"] if e.get("ErrorCode")]
        return f"{failed[0]['ErrorCode']}: {failed[0].get('ErrorMessage', '')}" if failed else ""
