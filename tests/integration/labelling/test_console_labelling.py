"""People label a job's images: leases, answers, undo, and what the dataset service gets of it."""

import json

import pytest

from contracts.events import LabellingCompleted
from tests.integration.labelling.bench import Bench
from tests.integration.labelling.console_bench import (
    BOX,
    BOXES,
    CANNOT_TELL,
    NO_DOCUMENT,
    Labeller,
    begin,
    counts,
)
from tests.support.builders import JOB, OTHER_JOB, a_plan, types_of
from tests.support.http_face import assert_problem


@pytest.fixture
def ann(bench: Bench) -> Labeller:
    return Labeller(bench.face(), "ann")


@pytest.fixture
def bob(bench: Bench) -> Labeller:
    return Labeller(bench.face(), "bob")


def output(bench: Bench) -> list[dict[str, object]]:
    return bench.lines("console/output.manifest")


def test_the_next_image_comes_with_all_that_is_needed_to_label_it(bench: Bench, ann: Labeller) -> None:
    begin(bench)
    task = ann.next()
    assert task["taskId"] == "00000000"
    assert task["filename"] == "000.jpg"
    assert (task["width"], task["height"]) == (640, 480)
    assert task["labels"] == ["passport", "id-card"]
    assert task["leaseExpiresAt"] == "2026-11-22T10:10:00Z"
    assert task["suggestions"] == []
    assert task["answer"] is None
    assert task["attempt"] == 1
    assert "X-Amz-Expires=900" in task["imageUrl"]
    assert f"/images/{JOB}/000.jpg?" in task["imageUrl"]


def test_a_labelled_job_goes_on_with_a_manifest_in_ground_truths_form(bench: Bench, ann: Labeller) -> None:
    begin(bench, 3)
    ann.label()
    ann.label(NO_DOCUMENT)
    ann.label(CANNOT_TELL)
    assert ann.next() is None
    bench.world.published()
    bench.tick()
    [event] = bench.world.published()
    assert isinstance(event, LabellingCompleted)
    assert event.data.counts.model_dump() == {"labelled": 2, "failed": 1, "unlabelled": 0}
    assert event.data.output_manifest == f"s3://ekyc-images/labelling/{JOB}/1/console/output.manifest"
    assert event.data.label_attribute == "document"
    labelled, empty, failed = output(bench)
    signature = {
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2026-11-22T10:01:00.000000",
        "job-name": f"labeling-job/ekyc-{JOB}-1",
    }
    assert labelled == {
        "source-ref": f"s3://ekyc-images/images/{JOB}/000.jpg",
        "document": {
            "image_size": [{"width": 640, "height": 480, "depth": 3}],
            "annotations": [{"class_id": 0, "left": 10, "top": 20, "width": 300, "height": 200}],
        },
        "document-metadata": {"objects": [{"confidence": 0.0}], "class-map": {"0": "passport"}, **signature},
    }
    assert empty == {
        "source-ref": f"s3://ekyc-images/images/{JOB}/001.jpg",
        "document": {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": []},
        "document-metadata": {"objects": [], "class-map": {}, **signature},
    }
    metadata = failed["document-metadata"]
    assert isinstance(metadata, dict)
    assert metadata["failure-reason"].startswith("ClientError: Nobody")
    assert "document" not in failed


def test_whoever_asks_again_gets_the_image_that_they_hold(bench: Bench, ann: Labeller) -> None:
    begin(bench)
    assert ann.next()["taskId"] == ann.next()["taskId"]


def test_two_people_never_hold_the_same_image(bench: Bench, ann: Labeller, bob: Labeller) -> None:
    begin(bench, 2)
    assert {ann.next()["taskId"], bob.next()["taskId"]} == {"00000000", "00000001"}
    eve = Labeller(bench.face(), "eve")
    assert eve.next() is None
    assert counts(eve, "leased", "open", "done") == [2, 0, 0]


def test_an_image_that_nobody_finishes_goes_back_when_its_lease_is_over(
    bench: Bench, ann: Labeller, bob: Labeller
) -> None:
    begin(bench, 1)
    left = ann.next()["taskId"]
    bench.clock.advance(minutes=9)
    assert bob.next() is None
    bench.clock.advance(minutes=2)
    assert bob.next()["taskId"] == left
    assert_problem(ann.submit(left), 409, "lease-lost")
    assert bob.submit(left).json == {"taskId": left, "done": True}


def test_a_renewed_lease_lasts_longer(bench: Bench, ann: Labeller, bob: Labeller) -> None:
    begin(bench, 1)
    task_id = ann.next()["taskId"]
    bench.clock.advance(minutes=9)
    renewed = ann.post(f"tasks/{task_id}/renew")
    assert renewed.json == {"taskId": task_id, "leaseExpiresAt": "2026-11-22T10:19:00Z"}
    bench.clock.advance(minutes=9)
    assert bob.next() is None
    assert_problem(bob.post(f"tasks/{task_id}/renew"), 409, "lease-lost")


def test_an_image_that_is_given_back_is_anybodys_and_the_next_one_is_another(
    bench: Bench, ann: Labeller, bob: Labeller
) -> None:
    begin(bench, 2)
    given_back = ann.next()["taskId"]
    assert ann.post(f"tasks/{given_back}/release").status == 204
    assert ann.post(f"tasks/{given_back}/release").status == 204
    assert ann.next()["taskId"] != given_back
    assert bob.next()["taskId"] == given_back


def test_a_doubled_answer_counts_once(bench: Bench, ann: Labeller) -> None:
    begin(bench, 2)
    task_id = ann.label()
    again = ann.submit(task_id)
    assert (again.status, again.json) == (200, {"taskId": task_id, "done": True})
    assert counts(ann, "answers", "done") == [1, 1]


def test_another_answer_of_the_same_person_takes_the_place_of_the_first(bench: Bench, ann: Labeller) -> None:
    begin(bench, 1)
    task_id = ann.label()
    assert ann.submit(task_id, NO_DOCUMENT).status == 200
    bench.tick()
    [line] = output(bench)
    assert line["document"] == {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": []}


def test_an_answer_can_be_taken_back_and_given_anew(bench: Bench, ann: Labeller) -> None:
    begin(bench, 2)
    task_id = ann.label()
    held = ann.next()["taskId"]
    undone = ann.post("undo").json
    assert (undone["taskId"], undone["answer"]) == (task_id, BOXES)
    assert counts(ann, "answers", "done", "leased", "open") == [0, 0, 1, 1]
    assert ann.next()["taskId"] == task_id
    assert ann.submit(task_id, NO_DOCUMENT).status == 200
    assert ann.next()["taskId"] == held


def test_an_answer_that_was_taken_back_comes_with_its_image_until_it_is_given_anew(
    bench: Bench, ann: Labeller
) -> None:
    begin(bench, 1)
    task_id = ann.label()
    ann.post("undo")
    assert [ann.next()["answer"] for _ in range(2)] == [BOXES, BOXES]
    ann.post(f"tasks/{task_id}/release")
    assert ann.next()["answer"] == BOXES
    ann.submit(task_id, NO_DOCUMENT)
    assert ann.post("undo").json["answer"] == {"kind": "no-document", "boxes": []}


def test_what_was_taken_back_is_shown_to_nobody_else_and_is_no_label(
    bench: Bench, ann: Labeller, bob: Labeller
) -> None:
    begin(bench, 1)
    task_id = ann.label()
    ann.post("undo")
    ann.post(f"tasks/{task_id}/release")
    assert bob.next()["answer"] is None
    assert bob.submit(task_id, NO_DOCUMENT).status == 200
    bench.tick()
    [line] = output(bench)
    assert line["document"] == {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": []}


def test_all_answers_that_were_taken_back_in_a_row_come_again(bench: Bench, ann: Labeller) -> None:
    begin(bench, 3)
    first, second = ann.label(), ann.label(NO_DOCUMENT)
    for _ in range(2):
        ann.post("undo")
    assert (ann.next()["taskId"], ann.next()["answer"]) == (first, BOXES)
    ann.submit(first)
    again = ann.next()
    assert (again["taskId"], again["answer"]["kind"]) == (second, "no-document")


def test_several_answers_can_be_taken_back_one_after_the_other(bench: Bench, ann: Labeller) -> None:
    begin(bench, 3)
    first, second = ann.label(), ann.label()
    assert [ann.post("undo").json["taskId"] for _ in range(2)] == [second, first]
    assert_problem(ann.post("undo"), 409, "nothing-to-undo")


def test_a_finished_labelling_takes_no_more_answers(bench: Bench, ann: Labeller) -> None:
    begin(bench, 1)
    task_id = ann.label()
    bench.tick()
    assert ann.progress()["state"] == "over"
    assert ann.next() is None
    for answer in (ann.submit(task_id), ann.post("undo"), ann.post("finish")):
        assert_problem(answer, 409, "labelling-over")
    assert ann.ask("GET", "jobs").json == {"jobs": []}


def test_several_people_label_each_image_and_nobody_twice(bench: Bench, ann: Labeller, bob: Labeller) -> None:
    begin(bench, 2, workers=2)
    assert len(ann.label_all()) == 2
    assert counts(ann, "done", "answers", "open") == [0, 2, 2]
    moved = {"kind": "boxes", "boxes": [{**BOX, "left": 14}]}
    assert len(bob.label_all(moved)) == 2
    bench.tick()
    line = output(bench)[0]
    document, metadata = line["document"], line["document-metadata"]
    assert isinstance(document, dict)
    assert isinstance(metadata, dict)
    assert document["annotations"][0]["left"] == 12
    assert 0.9 < metadata["objects"][0]["confidence"] < 1


def test_who_cannot_tell_has_no_say_where_others_can(bench: Bench, ann: Labeller, bob: Labeller) -> None:
    begin(bench, 1, workers=2)
    ann.label(CANNOT_TELL)
    bob.label()
    bench.world.published()
    bench.tick()
    [event] = bench.world.published()
    assert isinstance(event, LabellingCompleted)
    assert event.data.counts.labelled == 1


def test_a_person_who_has_labelled_all_that_is_there_is_told_so(bench: Bench, ann: Labeller) -> None:
    begin(bench, 30, workers=3)
    assert len(ann.label_all(NO_DOCUMENT)) == 30
    assert ann.next() is None
    assert counts(ann, "done", "answers") == [0, 30]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"kind": "boxes", "boxes": [{**BOX, "left": 400}]}, "640 by 480"),
        ({"kind": "boxes", "boxes": [{**BOX, "label": "visa"}]}, "passport, id-card"),
        ({"kind": "boxes", "boxes": []}, "no-document"),
        ({"kind": "no-document", "boxes": [BOX]}, "no boxes"),
        ({"kind": "boxes", "boxes": [BOX] * 51}, "50"),
        ({"kind": "perhaps"}, "kind"),
        ({"kind": "boxes", "boxes": [{**BOX, "width": 0}]}, "width"),
        ({"kind": "boxes", "boxes": [{**BOX, "left": -1}]}, "left"),
        ({"kind": "boxes", "boxes": [{**BOX, "left": 1.5}]}, "left"),
        ("{", "JSON"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_the_lease_stays(
    bench: Bench, ann: Labeller, answer: object, told: str
) -> None:
    begin(bench, 1)
    task_id = ann.next()["taskId"]
    problem = assert_problem(ann.submit(task_id, answer), 422, "invalid-request")
    assert told in json.dumps(problem)
    assert ann.next()["taskId"] == task_id


def test_an_image_that_was_removed_is_passed_over_and_fails(bench: Bench, ann: Labeller) -> None:
    begin(bench, 2)
    bench.s3.delete_object(Bucket="ekyc-images", Key=f"images/{JOB}/000.jpg")
    assert ann.label() == "00000001"
    assert ann.next() is None
    bench.world.published()
    bench.tick()
    [event] = bench.world.published()
    assert isinstance(event, LabellingCompleted)
    assert event.data.counts.model_dump() == {"labelled": 1, "failed": 1, "unlabelled": 0}


def test_the_jobs_that_can_be_labelled_are_listed(bench: Bench, ann: Labeller) -> None:
    begin(bench, 2)
    ann.label()
    assert ann.ask("GET", "jobs").json == {
        "jobs": [
            {
                "jobId": JOB,
                "labels": ["passport", "id-card"],
                "images": 2,
                "done": 1,
                "mine": 1,
                "workersPerImage": 1,
                "isLead": True,
            }
        ]
    }


def test_the_progress_names_the_people(bench: Bench, ann: Labeller, bob: Labeller) -> None:
    begin(bench, 3)
    ann.label()
    ann.label()
    bob.next()
    assert ann.progress()["people"] == [{"worker": "ann", "answers": 2}, {"worker": "bob", "answers": 0}]


@pytest.mark.parametrize("job_id", [OTHER_JOB, "x", "%20", "a" * 3000])
def test_a_job_that_is_not_labelled_here_is_unknown(bench: Bench, ann: Labeller, job_id: str) -> None:
    begin(bench, 1)
    for method, path in (("GET", job_id), ("POST", f"{job_id}/next"), ("POST", f"{job_id}/undo")):
        assert_problem(ann.ask(method, path), 404, "job-not-found")


def test_a_job_that_ground_truth_labels_is_unknown_here(bench: Bench, ann: Labeller) -> None:
    begin(bench, 1)
    bench.upload({"a.jpg": b"x"}, job_id=OTHER_JOB)
    bench.start(OTHER_JOB, plan=a_plan())
    assert_problem(ann.ask("GET", OTHER_JOB), 404, "job-not-found")


@pytest.mark.parametrize("task_id", ["00000007", "7", "x", "99999999999999999999"])
def test_an_unknown_image_is_told(bench: Bench, ann: Labeller, task_id: str) -> None:
    begin(bench, 1)
    assert_problem(ann.submit(task_id), 404, "task-not-found")
    assert_problem(ann.post(f"tasks/{task_id}/renew"), 404, "task-not-found")


def test_a_name_that_is_none_is_refused(bench: Bench) -> None:
    begin(bench, 1)
    for name in ("", "a b", "é", "x" * 65):
        assert_problem(Labeller(bench.face(), name).post("next"), 422, "invalid-request")


def test_labelling_starts_without_asking_ground_truth(bench: Bench) -> None:
    begin(bench, 1)
    assert types_of(bench.world.published()) == ["LabellingStarted"]
    assert bench.sagemaker.jobs == {}
