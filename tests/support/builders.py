"""Ready-made values; a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any

from contracts.envelope import Event
from contracts.events import DatasetReady, DatasetReadyData, ModelTrained, ModelTrainedData
from contracts.facts import Datasets, LabelMetrics
from contracts.plan import TrainingOptions, TrainingPlan

JOB = "01m81h5swf60rk4csm6mv3ee1s"
OTHER_JOB = "01m81jvvyfkvbtg0jznza0akd9"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
REKOGNITION = "arn:aws:rekognition:eu-west-1:123456789012"


def a_plan(*labels: str, **options: Any) -> TrainingPlan:
    return TrainingPlan(labels=list(labels) or ["passport", "id-card"], options=TrainingOptions(**options))


def project_arn(job_id: str = JOB) -> str:
    return f"{REKOGNITION}:project/ekyc-{job_id}-1/1763805600000"


def version_arn(job_id: str = JOB, attempt: int = 1) -> str:
    return f"{REKOGNITION}:project/ekyc-{job_id}-1/version/attempt-{attempt}/1763805600001"


def datasets(job_id: str = JOB) -> Datasets:
    base = f"{REKOGNITION}:project/ekyc-{job_id}-1/dataset"
    return Datasets(
        project_arn=project_arn(job_id),
        train_dataset_arn=f"{base}/train/1763805600000",
        test_dataset_arn=f"{base}/test/1763805600000",
    )


def dataset_ready(
    job_id: str = JOB, *, attempt: int = 1, plan: TrainingPlan | None = None, at: datetime = NOON
) -> DatasetReady:
    data = DatasetReadyData(
        plan=plan or a_plan(), datasets=datasets(job_id), train_entries=80, test_entries=20
    )
    return DatasetReady.about(job_id, attempt, data, time=at, traceparent=TRACEPARENT)


def model_trained(
    job_id: str = JOB,
    *,
    attempt: int = 1,
    f1: float = 0.9,
    plan: TrainingPlan | None = None,
    at: datetime = NOON,
) -> ModelTrained:
    data = ModelTrainedData(
        plan=plan or a_plan(),
        project_arn=project_arn(job_id),
        project_version_arn=version_arn(job_id, attempt),
        f1=f1,
        labels=[
            LabelMetrics(label="passport", test_images=10, threshold=0.5, precision=0.9, recall=0.9, f1=f1)
        ],
        billable_training_seconds=3600,
    )
    return ModelTrained.about(job_id, attempt, data, time=at, traceparent=TRACEPARENT)


def types_of(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]
