"""Everything that a run of the demonstration found out, and its JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.detecting import Box
from cli.milestones import TITLES
from contracts.http import History, TrainingJob
from demo.evaluation import Judgement, Score, score
from demo.material import Material


@dataclass(frozen=True)
class Step:
    """A piece of the run; `of_pipeline` marks the stages that the services went through by themselves."""

    title: str
    began: datetime
    ended: datetime
    of_pipeline: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began).total_seconds()


@dataclass(frozen=True)
class Result:
    """One run: the material, the job at its end, its history, and the check on images kept apart."""

    material: Material
    job: TrainingJob
    history: History
    steps: tuple[Step, ...]
    judgements: Mapping[str, Judgement]

    @property
    def overall(self) -> Score:
        """The check over all labels."""
        return score(self.judgements.values())

    def by_label(self) -> dict[str, Score]:
        """The check for each label."""
        return {label: score(self.judgements.values(), label) for label in self.material.labels}

    def to_json(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "material": {
                "title": self.material.title,
                "labels": list(self.material.labels),
                "training": len(self.material.training),
                "keptApart": len(self.material.check),
                "notes": list(self.material.notes),
            },
            "steps": [
                {"title": step.title, "began": step.began.isoformat(), "seconds": round(step.seconds, 3)}
                for step in self.steps
            ],
            "check": {
                "overall": _score_json(self.overall),
                "labels": {label: _score_json(one) for label, one in self.by_label().items()},
                "images": {name: _judgement_json(one) for name, one in self.judgements.items()},
            },
            "job": self.job.model_dump(mode="json", by_alias=True),
            "history": self.history.model_dump(mode="json", by_alias=True)["events"],
        }


def pipeline_steps(job: TrainingJob) -> list[Step]:
    """The stages that a job has been through, with the times that the API gives."""
    return [
        Step(TITLES[timing.stage], timing.started_at, timing.ended_at, of_pipeline=True)
        for timing in job.stages
        if timing.started_at and timing.ended_at
    ]


def _score_json(one: Score) -> dict[str, float | int | None]:
    return {
        "documents": one.documents,
        "found": one.found,
        "falseAlarms": one.false_alarms,
        "precision": one.precision,
        "recall": one.recall,
        "f1": one.f1,
    }


def _judgement_json(one: Judgement) -> dict[str, Any]:
    return {
        "documents": [{"label": truth.label, "box": _box_json(truth.box)} for truth in one.truths],
        "missed": [{"label": truth.label, "box": _box_json(truth.box)} for truth in one.missed],
        "detections": [
            {
                "label": judged.detection.label,
                "confidence": judged.detection.confidence,
                "box": _box_json(judged.detection.box),
                "verdict": judged.verdict,
                "overlap": round(judged.overlap, 4),
            }
            for judged in one.judged
        ],
    }


def _box_json(box: Box) -> dict[str, float]:
    return {"left": box.left, "top": box.top, "width": box.width, "height": box.height}
