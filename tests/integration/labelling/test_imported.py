"""A job whose boxes come from a file, from its start to what is told of it."""

import io
import json
import zipfile
from typing import Any

import pytest

from contracts.events import (
    LabellingCompleted,
    LabellingCompletedData,
    StageFailed,
    TrainingJobRetried,
    TrainingJobRetriedData,
)
from contracts.plan import LabellingBackendName, LabellingPlan, TrainingPlan
from contracts.stages import Stage
from tests.integration.labelling.bench import Bench, jpeg, source_ref
from tests.support.builders import JOB, NOON, TRACEPARENT, types_of
from tests.support.world import BUCKET

PLAN = TrainingPlan(
    labels=["passport", "id-card"], labelling=LabellingPlan(backend=LabellingBackendName.IMPORT)
)
ANNOTATIONS = f"imports/{JOB}/annotations"


def coco(*boxes: tuple[str, str, list[float]], **sizes: tuple[int, int]) -> bytes:
    """A document that names the images `a.jpg`… of its boxes (image, label, bbox) and of ``sizes``."""
    names = list(dict.fromkeys([*(name for name, _, _ in boxes), *(f"{stem}.jpg" for stem in sizes)]))
    labels = list(dict.fromkeys(label for _, label, _ in boxes))
    shape = {f"{stem}.jpg": size for stem, size in sizes.items()}
    return json.dumps(
        {
            "annotations": [
                {"image_id": names.index(name), "category_id": labels.index(label), "bbox": bbox}
                for name, label, bbox in boxes
            ],
            "categories": [{"id": place, "name": label} for place, label in enumerate(labels)],
            "images": [
                {
                    "id": place,
                    "file_name": f"train/{name}",
                    "width": shape.get(name, (640, 480))[0],
                    "height": shape.get(name, (640, 480))[1],
                }
                for place, name in enumerate(names)
            ],
        }
    ).encode()


def manifest_line(name: str, *boxes: list[int], label: str = "passport", attribute: str = "boxes") -> bytes:
    entry = {
        "source-ref": f"s3://elsewhere/photos/{name}",
        attribute: {
            "image_size": [{"width": 640, "height": 480, "depth": 3}],
            "annotations": [
                dict(zip(("class_id", "left", "top", "width", "height"), (7, *box), strict=True))
                for box in boxes
            ],
        },
        f"{attribute}-metadata": {
            "objects": [{"confidence": 1} for _ in boxes],
            "class-map": {"7": label},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2026-01-01T00:00:00.000000",
        },
    }
    return json.dumps(entry).encode()


def voc(name: str, *boxes: tuple[str, int, int, int, int]) -> str:
    objects = "".join(
        f"<object><name>{label}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin>"
        f"<xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
        for label, left, top, right, bottom in boxes
    )
    size = "<size><width>640</width><height>480</height><depth>3</depth></size>"
    return f"<annotation><filename>{name}</filename>{size}{objects}</annotation>"


def zipped(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem, content in files.items():
            archive.writestr(f"Annotations/{stem}.xml", content)
    return stream.getvalue()


def begin(bench: Bench, annotations: bytes, *images: str, **odd: bytes) -> None:
    """Start a job with these images of 640 by 480 pixels, and let it come as far as it does."""
    bench.upload(
        {name: jpeg() for name in images} | {f"{stem}.jpg": content for stem, content in odd.items()}
    )
    bench.s3.put_object(Bucket=BUCKET, Key=ANNOTATIONS, Body=annotations)
    assert bench.start(plan=PLAN) == []
    bench.tick()


def completed(bench: Bench) -> LabellingCompletedData:
    events = bench.world.published()
    assert types_of(events) == ["LabellingStarted", "LabellingCompleted"], events
    assert isinstance(events[-1], LabellingCompleted)
    return events[-1].data


def failure(bench: Bench) -> Any:
    event = bench.world.published()[-1]
    assert isinstance(event, StageFailed), event
    return event.data


def output(bench: Bench, data: LabellingCompletedData) -> dict[str, Any]:
    """Give the output manifest's lines by the images' names."""
    text = bench.text(data.output_manifest.removeprefix(f"s3://{BUCKET}/labelling/{JOB}/1/"))
    entries = [json.loads(line) for line in text.splitlines()]
    return {entry["source-ref"].rsplit("/", 1)[-1]: entry for entry in entries}


FORMATS = {
    "coco": coco(("a.jpg", "passport", [10, 20, 300, 200]), ("b.jpg", "id-card", [1, 2, 30, 40])),
    "manifest": manifest_line("a.jpg", [10, 20, 300, 200])
    + b"\r\n\n"
    + manifest_line("b.jpg", [1, 2, 30, 40], label="id-card", attribute="other-name"),
    "voc": zipped(a=voc("a.jpg", ("passport", 10, 20, 310, 220)), b=voc("b.jpg", ("id-card", 1, 2, 31, 42))),
}


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_ends_in_ground_truths_output_manifest(bench: Bench, format_: str) -> None:
    begin(bench, FORMATS[format_], "a.jpg", "b.jpg")
    data = completed(bench)
    assert data.counts.model_dump() == {"labelled": 2, "failed": 0, "unlabelled": 0}
    assert (data.left_out, data.left_out_report) == ([], None)
    entry = output(bench, data)["a.jpg"]
    metadata = entry.pop("document-metadata")
    assert entry == {
        **source_ref("a.jpg"),
        "document": {
            "image_size": [{"width": 640, "height": 480, "depth": 3}],
            "annotations": [{"class_id": 0, "left": 10, "top": 20, "width": 300, "height": 200}],
        },
    }
    assert metadata["class-map"] == {"0": "passport"}
    assert metadata["type"] == "groundtruth/object-detection"
    other = output(bench, data)["b.jpg"]
    assert other["document-metadata"]["class-map"] == {"1": "id-card"}


def test_everything_that_is_left_out_is_reported_line_by_line_and_summed_up(bench: Bench) -> None:
    annotations = coco(
        ("a.jpg", "passport", [10, 20, 300, 200]),
        ("a.jpg", "visa", [10, 20, 300, 200]),
        ("b.jpg", "passport", [600, 400, 100, 100]),
        ("c.jpg", "passport", [700, 10, 30, 30]),
        ("d.jpg", "passport", [10, 10, 0, 30]),
        ("e.jpg", "passport", [10, 10, 30, 30]),
        ("unknown.jpg", "passport", [10, 10, 30, 30]),
        ("text.jpg", "passport", [10, 10, 30, 30]),
        e=(480, 640),
        empty=(640, 480),
    )
    names = [f"{stem}.jpg" for stem in ("a", "b", "c", "d", "e", "empty", "unmentioned")]
    begin(bench, annotations, *names, text=b"no image")
    data = completed(bench)
    assert data.counts.model_dump() == {"labelled": 3, "failed": 0, "unlabelled": 4}
    assert {one.code: (one.count, one.examples) for one in data.left_out} == {
        "unknown-label": (1, ["a.jpg"]),
        "box-cut": (1, ["b.jpg"]),
        "box-outside": (1, ["c.jpg"]),
        "box-without-area": (1, ["d.jpg"]),
        "boxes-unusable": (2, ["c.jpg", "d.jpg"]),
        "image-size": (1, ["e.jpg"]),
        "unknown-file": (1, ["unknown.jpg"]),
        "image-refused": (1, ["text.jpg"]),
        "not-in-file": (1, ["unmentioned.jpg"]),
    }
    lines = [json.loads(line) for line in bench.text("import-report.jsonl").splitlines()]
    assert data.left_out_report == f"s3://{BUCKET}/labelling/{JOB}/1/import-report.jsonl"
    assert len(lines) == sum(one.count for one in data.left_out)
    assert lines[0]["where"] == "images[5]"
    written = output(bench, data)
    assert sorted(written) == sorted(names)
    assert written["empty.jpg"]["document"]["annotations"] == []
    assert written["b.jpg"]["document"]["annotations"] == [
        {"class_id": 0, "left": 600, "top": 400, "width": 40, "height": 80}
    ]
    for name in ("c.jpg", "d.jpg", "e.jpg", "unmentioned.jpg"):
        assert written[name] == source_ref(name)


def test_of_two_images_of_one_name_neither_counts(bench: Bench) -> None:
    lines = [manifest_line(name, [1, 1, 50, 50]) for name in ("x/a.jpg", "y/a.jpg", "b.jpg")]
    begin(bench, b"\n".join(lines), "a.jpg", "b.jpg")
    data = completed(bench)
    assert data.counts.model_dump() == {"labelled": 1, "failed": 0, "unlabelled": 1}
    assert [(one.code, one.count) for one in data.left_out] == [("repeated-image", 2)]
    assert output(bench, data)["a.jpg"] == source_ref("a.jpg")


def test_an_image_that_was_removed_meanwhile_is_counted_as_failed(bench: Bench) -> None:
    bench.intercept("PutObject", _removing(bench, "b.jpg"), moment="after-call")
    begin(bench, FORMATS["coco"], "a.jpg", "b.jpg")
    data = completed(bench)
    assert data.counts.labelled == 1
    assert [one.code for one in data.left_out] in (["image-gone"], ["image-refused"])


def _removing(bench: Bench, name: str) -> Any:
    def act(**_: Any) -> None:
        bench.s3.put_object(Bucket=BUCKET, Key=f"images/{JOB}/{name}", Body=b"replaced")

    return act


@pytest.mark.parametrize(
    ("annotations", "code", "said"),
    [
        (b"", "annotations-unknown-format", "no format"),
        (b"\x00\x01 neither", "annotations-unknown-format", "no format"),
        (b"<annotation/>", "annotations-unknown-format", "no format"),
        (b"PK\x03\x04 cut off", "annotations-malformed", "zip"),
        (FORMATS["voc"][:-30], "annotations-malformed", "zip"),
        (FORMATS["coco"][:-30], "annotations-malformed", "not JSON"),
        (b"{}", "nothing-imported", "not one box"),
        (coco(("other.jpg", "passport", [1, 1, 9, 9])), "nothing-imported", "not uploaded"),
        (coco(("a.jpg", "visa", [1, 1, 9, 9])), "nothing-imported", "label"),
        (b'{"source-ref": 7}\n' * 10_001, "annotations-malformed", "10000"),
    ],
    ids=[
        "empty",
        "binary",
        "xml",
        "zip-head",
        "cut-zip",
        "cut-coco",
        "empty-coco",
        "other-images",
        "other-labels",
        "bad-lines",
    ],
)
def test_a_file_of_which_nothing_can_be_used_fails_the_job_and_says_why(
    bench: Bench, annotations: bytes, code: str, said: str
) -> None:
    begin(bench, annotations, "a.jpg")
    failed = failure(bench)
    assert failed.code == code
    assert said in failed.reason
    assert "new job" in failed.advice


def test_the_first_faults_are_details_of_the_failure(bench: Bench) -> None:
    begin(bench, coco(("other.jpg", "passport", [1, 1, 9, 9])), "a.jpg")
    details = failure(bench).details
    assert details[0] == "images[0], other.jpg: No image of this name was uploaded."


def test_a_file_that_was_removed_after_the_start_fails_the_job(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.start(plan=PLAN)
    bench.tick()
    assert failure(bench).code == "annotations-gone"


def test_a_second_process_that_converts_too_writes_the_same(bench: Bench) -> None:
    begin(bench, FORMATS["coco"], "a.jpg", "b.jpg")
    first = {name: bench.text(name[2:]) for name in bench.files()}
    bench.restart()
    bench.start(plan=PLAN)
    bench.tick()
    assert types_of(bench.world.published()) == ["LabellingStarted", "LabellingCompleted"]
    assert {name: bench.text(name[2:]) for name in bench.files()} == first


def test_a_retry_imports_everything_anew(bench: Bench) -> None:
    begin(bench, FORMATS["coco"], "a.jpg", "b.jpg", "unmentioned.jpg")
    completed(bench)
    data = TrainingJobRetriedData(
        plan=PLAN, stage=Stage.LABELLING, images=f"s3://{BUCKET}/images/{JOB}/", relabel=False
    )
    event = TrainingJobRetried.about(JOB, 2, data, time=NOON, traceparent=TRACEPARENT)
    assert bench.deliver(event) == []
    for _ in range(3):
        bench.tick()
    again = bench.world.published()[-1]
    assert isinstance(again, LabellingCompleted)
    assert again.attempt == 2
    assert again.data.counts.labelled == 2
    assert again.data.kept == 0
