"""The detector as its users see it: learn, predict, store, restore."""

import io
import json
from collections.abc import Sequence
from dataclasses import fields
from zipfile import BadZipFile

import numpy as np

from simulator.detector.boxes import Array, Detection, Labelled, to_box
from simulator.detector.calibration import Calibration
from simulator.detector.crops import describe_region
from simulator.detector.discriminant import Basis, Discriminant
from simulator.detector.forest import Forest
from simulator.detector.judgement import describe_candidates
from simulator.detector.proposals import propose
from simulator.detector.regions import describe_regions
from simulator.detector.scoring import choose_candidates, find_objects
from simulator.detector.training import ImageSource, Learnt, class_probabilities, learn

_FORMAT = 1


class Detector:
    """Finds and names objects in images, after having been shown some."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt

    @classmethod
    def fit(
        cls, images: Sequence[ImageSource], truths: Sequence[Sequence[Labelled]], *, seed: int = 0
    ) -> "Detector":
        """Learn from images and the boxes drawn on each; the same arguments give the same detector.

        Each source is called twice. Images may be without boxes. Raises ValueError when there is not one
        list of boxes per image, or no box at all.
        """
        return cls(learn(images, truths, seed=seed))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it can give, in alphabetical order."""
        return self._learnt.labels

    def predict(self, image: Array) -> list[Detection]:
        """All that may be an object in a BGR uint8 image (height, width, 3), most confident first.

        No two of them overlap much, but most have a low confidence: choose a threshold.
        """
        learnt = self._learnt
        proposals = propose(image)
        if len(proposals) == 0:
            return []
        figures = describe_regions(image, proposals)
        wholeness = learnt.glance.predict(figures)
        chosen = choose_candidates(proposals.boxes, wholeness)
        views = learnt.basis.project([describe_region(image, quad) for quad in proposals.quads[chosen]])
        classes = class_probabilities(learnt.discriminant, views)
        rows = describe_candidates(proposals.boxes[chosen], wholeness[chosen], classes, views)
        merit = learnt.judge.predict(rows)
        findings = find_objects(proposals.boxes, chosen, merit, classes, overlap=learnt.overlap)
        evidence = np.array([finding.evidence for finding in findings])
        confidences = learnt.calibration.confidence(evidence)
        detections = [
            Detection(self.labels[finding.label], to_box(finding.box), float(confidence))
            for finding, confidence in zip(findings, confidences, strict=True)
        ]
        return sorted(detections, key=lambda detection: -detection.confidence)

    def to_bytes(self) -> bytes:
        """The detector in numpy's zip format, without pickled objects."""
        learnt = self._learnt
        head = {
            "format": _FORMAT,
            "labels": learnt.labels,
            "offset": learnt.calibration.offset,
            "overlap": learnt.overlap,
        }
        arrays = {
            "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
            **_prefixed("glance", learnt.glance),
            **_prefixed("basis", learnt.basis),
            **_prefixed("discriminant", learnt.discriminant),
            **_prefixed("judge", learnt.judge),
            "calibration.weights": learnt.calibration.weights,
        }
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Detector":
        """Restore what `to_bytes` gave; raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                arrays = dict(stored)
            head = json.loads(arrays["head"].tobytes())
        except (OSError, KeyError, EOFError, TypeError, ValueError, BadZipFile) as error:
            raise ValueError("these bytes are not a stored detector; give what to_bytes returned") from error
        if head["format"] != _FORMAT:
            raise ValueError(
                f"the stored detector has format {head['format']}, not {_FORMAT}; train it again"
            )
        return cls(
            Learnt(
                labels=tuple(head["labels"]),
                glance=Forest(**_under("glance", arrays)),
                basis=Basis(**_under("basis", arrays)),
                discriminant=Discriminant(**_under("discriminant", arrays)),
                judge=Forest(**_under("judge", arrays)),
                calibration=Calibration(arrays["calibration.weights"], head["offset"]),
                overlap=head["overlap"],
            )
        )


def _prefixed(name: str, part: Forest | Basis | Discriminant) -> dict[str, Array]:
    return {f"{name}.{field.name}": getattr(part, field.name) for field in fields(part)}


def _under(name: str, arrays: dict[str, Array]) -> dict[str, Array]:
    return {key.partition(".")[2]: value for key, value in arrays.items() if key.startswith(f"{name}.")}
