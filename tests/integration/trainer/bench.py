"""The trainer on its own, with a Rekognition that stands as a test says."""

import json

from services.trainer.handler import Trainer, TrainerSettings, build
from tests.support.builders import JOB
from tests.support.clock import ManualClock
from tests.support.rekognition import FakeVersions
from tests.support.world import BUCKET, World

SUMMARY = {
    "AggregatedEvaluationResults": {"F1Score": 0.91},
    "LabelEvaluationResults": [
        {
            "Label": "passport",
            "NumberOfTestingImages": 12,
            "Metrics": {"Threshold": 0.4, "Precision": 0.9, "Recall": 0.92, "F1Score": 0.91},
        },
        {"Label": "id-card", "NumberOfTestingImages": 0, "Metrics": {}},
    ],
}


class Bench:
    """A trainer on its own."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.rekognition = FakeVersions()
        self.trainer = self.restarted()

    def restarted(self) -> Trainer:
        return build(
            TrainerSettings.read(self.world.environment),
            clock=self.clock,
            rekognition=self.rekognition,  # type: ignore[arg-type]
        )

    def tick(self, minutes: float = 1) -> None:
        self.clock.advance(minutes=minutes)
        self.trainer.reconciler.tick(("training", "slot"), seconds_left=lambda: 60)

    def finish_training(self, f1: float = 0.91) -> None:
        key = f"models/{JOB}/1/EvaluationResultSummary-x.json"
        self.world.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(SUMMARY).encode())
        self.rekognition.evaluation = {
            "F1Score": f1,
            "Summary": {"S3Object": {"Bucket": BUCKET, "Name": key}},
        }
        self.rekognition.becomes("TRAINING_COMPLETED")
