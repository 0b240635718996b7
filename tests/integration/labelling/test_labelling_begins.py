"""From TrainingJobStarted to a labelling job: images checked, files written, the job created once."""

import io
import json
from typing import Any

import pytest
from botocore.response import StreamingBody

from contracts.events import LabellingStarted, StageFailed
from tests.integration.labelling.bench import Bench, jpeg, source_ref, training_job_started
from tests.integration.labelling.fake_sagemaker import ProcessDied, error
from tests.support.builders import JOB, TRACEPARENT, a_plan, types_of
from tests.support.world import BUCKET

FOLDER = f"s3://{BUCKET}/labelling/{JOB}/1/"
NAME = f"ekyc-{JOB}-1"


def only_failure(bench: Bench) -> StageFailed:
    [event] = bench.world.published()
    assert isinstance(event, StageFailed)
    return event


def test_uploaded_images_are_handed_to_the_labellers(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg(800, 600)})
    assert bench.start() == []
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert event.traceparent == TRACEPARENT
    assert event.data.labelling_job_arn == f"arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/{NAME}"
    assert event.data.images.model_dump() == {"uploaded": 2, "accepted": 2, "refused": 0}
    assert event.data.refused == []
    assert event.data.refused_report is None
    assert bench.lines("input.manifest") == [source_ref("a.jpg"), source_ref("b.jpg")]
    assert bench.files() == ["1/input.manifest", "1/label-categories.json", "1/template.html"]


def test_the_labelling_job_says_all_that_ground_truth_needs(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.start(plan=a_plan("passport", "id-card", workers_per_image=3))
    request = bench.sagemaker.only_job["request"]
    task = request.pop("HumanTaskConfig")
    functions = "arn:aws:lambda:eu-west-1:568282634449:function"
    assert request == {
        "LabelingJobName": NAME,
        "LabelAttributeName": "document",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"{FOLDER}input.manifest"}}},
        "OutputConfig": {"S3OutputPath": f"{FOLDER}output/"},
        "RoleArn": "arn:aws:iam::123456789012:role/ekyc-labelling",
        "LabelCategoryConfigS3Uri": f"{FOLDER}label-categories.json",
        "Tags": [{"Key": "ekyc:job-id", "Value": JOB}, {"Key": "ekyc:name-prefix", "Value": "ekyc"}],
    }
    assert task["WorkteamArn"].endswith("workteam/private-crowd/ekyc")
    assert task["UiConfig"] == {"UiTemplateS3Uri": f"{FOLDER}template.html"}
    assert task["PreHumanTaskLambdaArn"] == f"{functions}:PRE-BoundingBox"
    consolidation = task["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"]
    assert consolidation == f"{functions}:ACS-BoundingBox"
    assert task["NumberOfHumanWorkersPerDataObject"] == 3
    assert task["TaskTimeLimitInSeconds"] == 600
    assert task["TaskAvailabilityLifetimeInSeconds"] == 1_209_600
    assert task["MaxConcurrentTaskCount"] == 1000
    labels = json.loads(bench.text("label-categories.json"))["labels"]
    assert labels == [{"label": "passport"}, {"label": "id-card"}]
    assert "<crowd-bounding-box" in bench.text("template.html")


def test_labels_are_encrypted_with_the_key_that_is_given(bench: Bench) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/8f5a2b1e"
    bench.restart(OUTPUT_KMS_KEY_ARN=key)
    bench.upload({"a.jpg": jpeg()})
    bench.start()
    assert bench.sagemaker.only_job["request"]["OutputConfig"]["KmsKeyId"] == key


def test_bad_images_are_left_out_and_told_with_their_reasons(bench: Bench) -> None:
    bench.upload(
        {
            "a.jpg": jpeg(),
            "b empty.jpg": b"",
            "c.png": jpeg(),
            "d.jpg": b"%PDF-1.7",
            "e.jpg": jpeg(63, 640),
            "f.jpg": jpeg()[:50],
        }
    )
    bench.start()
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert event.data.images.model_dump() == {"uploaded": 6, "accepted": 2, "refused": 4}
    assert [image.filename for image in event.data.refused] == ["b empty.jpg", "d.jpg", "e.jpg", "f.jpg"]
    assert [image.reason.split(":")[0].split(";")[0] for image in event.data.refused] == [
        "The file is empty",
        "The file is a PDF document",
        "The image is 63 × 640 pixels",  # noqa: RUF001 - as it is told
        "The file is damaged",
    ]
    assert event.data.refused_report == f"{FOLDER}refused-images.jsonl"
    assert bench.lines("refused-images.jsonl") == [image.model_dump() for image in event.data.refused]
    assert bench.lines("input.manifest") == [source_ref("a.jpg"), source_ref("c.png")]


def test_more_than_a_hundred_refused_images_are_counted_and_the_report_has_them_all(bench: Bench) -> None:
    bench.upload({"good.jpg": jpeg(), **{f"{number:03}.jpg": b"x" for number in range(120)}})
    bench.start()
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert event.data.images.refused == 120
    assert len(event.data.refused) == 100
    assert [line["filename"] for line in bench.lines("refused-images.jsonl")] == [
        f"{number:03}.jpg" for number in range(120)
    ]


def test_a_job_without_one_usable_image_fails_and_says_why(bench: Bench) -> None:
    bench.upload({"a.jpg": b"", "b.jpg": b"GIF89a", "c.jpg": b"hello"})
    bench.start()
    failure = only_failure(bench).data
    assert failure.code == "no-usable-images"
    assert failure.reason == (
        "None of the uploaded images can be used (3 in all: 2 neither JPEG nor PNG, 1 empty)."
    )
    assert f"{FOLDER}refused-images.jsonl" in failure.advice
    assert failure.details[0] == "a.jpg: The file is empty: upload it again."
    assert len(failure.details) == 3
    assert bench.sagemaker.jobs == {}
    assert len(bench.lines("refused-images.jsonl")) == 3


def test_a_job_without_images_fails_and_says_so(bench: Bench) -> None:
    bench.upload({"": b"", "folder/": b""})
    bench.start()
    failure = only_failure(bench).data
    assert (failure.code, failure.details) == ("no-images", [])
    assert bench.files() == []


def test_more_images_than_a_labelling_job_takes_are_refused_before_anybody_labels(bench: Bench) -> None:
    bench.restart(MAX_IMAGES="2")
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg(), "c.jpg": jpeg()})
    bench.start()
    assert only_failure(bench).data.code == "too-many-images"


def test_names_with_spaces_and_odd_characters_reach_the_manifest_as_they_are(bench: Bench) -> None:
    names = ["IMG 0001 (copy)+final.jpg", "Führerschein.jpg", "a%20b.jpg", 'quote".jpg', "sub/folder.jpg"]
    bench.upload({name: jpeg() for name in names})
    bench.start()
    assert bench.lines("input.manifest") == [source_ref(name) for name in sorted(names, key=str.encode)]
    assert f"s3://{BUCKET}/images/{JOB}/Führerschein.jpg" in bench.text("input.manifest")


def test_the_size_of_a_photograph_behind_much_metadata_is_found(bench: Bench) -> None:
    bench.upload(
        {"a.jpg": jpeg(icc_profile=bytes(700_000)), "b.jpg": jpeg(60, 60, icc_profile=bytes(700_000))}
    )
    bench.start()
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert [image.filename for image in event.data.refused] == ["b.jpg"]
    assert "60 × 60" in event.data.refused[0].reason  # noqa: RUF001


def test_many_pages_of_images_keep_their_order(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    names = [f"{number:02}.jpg" for number in range(20)]
    bench.upload({name: jpeg() for name in names})
    bench.start()
    assert bench.lines("input.manifest") == [source_ref(name) for name in names]


def test_a_started_job_delivered_again_makes_no_second_labelling_job(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    for _ in range(3):
        assert bench.start() == []
    assert bench.sagemaker.creations == 1
    assert types_of(bench.world.published()) == ["LabellingStarted"]


def test_a_second_attempt_is_a_labelling_job_of_its_own(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.start()
    bench.start(attempt=2)
    bench.start(attempt=1)
    assert list(bench.sagemaker.jobs) == [NAME, f"ekyc-{JOB}-2"]
    assert [event.attempt for event in bench.world.published()] == [1, 2]


def test_a_labelling_job_created_just_before_a_crash_is_adopted(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.sagemaker.dies_after_creating = True
    with pytest.raises(ProcessDied):
        bench.start()
    assert bench.world.published() == []
    bench.restart()
    bench.tick(minutes=2)
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert event.data.labelling_job_arn == bench.sagemaker.only_job["arn"]
    assert bench.sagemaker.creations == 2


def test_a_crash_while_images_are_read_is_healed_by_a_later_tick(bench: Bench) -> None:
    def die(**_: Any) -> None:
        raise ProcessDied

    bench.upload({"a.jpg": jpeg()})
    bench.intercept("GetObject", die)
    with pytest.raises(ProcessDied):
        bench.start()
    bench.restart()
    bench.tick(seconds=30)
    assert bench.sagemaker.creations == 0, "the dead process's claim still holds"
    bench.tick(seconds=31)
    assert types_of(bench.world.published()) == ["LabellingStarted"]


def test_nobody_else_begins_while_images_are_read_however_long_it_takes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "1")
    bench.upload({f"{number}.jpg": jpeg() for number in range(5)})
    created_by_then: list[int] = []
    other = bench.another()

    def take_fifty_seconds(**_: Any) -> None:
        bench.clock.advance(seconds=50)
        other.reconciler.tick(("labelling", "slot"), seconds_left=lambda: 600)
        created_by_then.append(bench.sagemaker.creations)

    bench.intercept("GetObject", take_fifty_seconds)
    bench.start()
    assert created_by_then == [0, 0, 0, 0, 0]
    assert bench.sagemaker.creations == 1
    assert types_of(bench.world.published()) == ["LabellingStarted"]


@pytest.mark.parametrize("answer", ["NoSuchKey", "AccessDenied"])
def test_an_image_removed_before_it_is_read_is_refused_and_breaks_nothing(bench: Bench, answer: str) -> None:
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg()})

    def remove(params: dict[str, Any], **_: Any) -> Any:
        if "b.jpg" not in params["url_path"]:
            return None
        bench.s3.delete_object(Bucket=BUCKET, Key=f"images/{JOB}/b.jpg")
        return error(answer, "no", 404 if answer == "NoSuchKey" else 403)

    bench.intercept("GetObject", remove)
    bench.start()
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert [(image.filename, image.reason) for image in event.data.refused] == [
        ("b.jpg", "The file was removed before it could be read.")
    ]


def test_an_image_emptied_since_it_was_listed_is_refused(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg()})

    def empty(params: dict[str, Any], **_: Any) -> None:
        if "b.jpg" in params["url_path"]:
            bench.upload({"b.jpg": b""})

    bench.intercept("GetObject", empty)
    bench.start()
    [event] = bench.world.published()
    assert isinstance(event, LabellingStarted)
    assert [image.reason for image in event.data.refused] == ["The file is empty: upload it again."]


def test_images_that_may_not_be_read_fail_the_job_instead_of_passing_for_bad_ones(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.intercept("GetObject", lambda **_: error("AccessDenied", "Access Denied", 403))
    bench.start()
    failure = only_failure(bench).data
    assert failure.code == "AccessDenied"
    assert "permission" in failure.advice


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject", "PutObject"])
def test_throttling_by_s3_is_waited_out(bench: Bench, operation: str) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.intercept(operation, lambda **_: error("SlowDown", "Reduce your request rate.", 503))
    assert bench.start() == []
    assert bench.world.published() == []
    bench.restart()
    bench.tick()
    assert types_of(bench.world.published()) == ["LabellingStarted"]


def test_an_answer_that_breaks_off_is_asked_for_again(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    broken: list[str] = []

    def break_off_once(parsed: dict[str, Any], **_: Any) -> None:
        if not broken:
            broken.append("once")
            parsed["Body"] = StreamingBody(io.BytesIO(b"only this"), content_length=100)

    bench.intercept("GetObject", break_off_once, moment="after-call")
    bench.start()
    assert broken
    assert types_of(bench.world.published()) == ["LabellingStarted"]


def test_a_stage_that_cannot_start_for_a_day_is_given_up(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.sagemaker.refusal = ("ThrottlingException", "Rate exceeded")
    bench.start()
    bench.tick(hours=12)
    assert bench.world.published() == []
    bench.tick(hours=13)
    assert only_failure(bench).data.code == "deadline-passed"


def test_a_region_without_both_services_fails_the_job_and_names_the_usable_ones(bench: Bench) -> None:
    bench.restart(region="ca-central-1")
    bench.upload({"a.jpg": jpeg()})
    bench.start()
    failure = only_failure(bench).data
    assert failure.code == "region-unsupported"
    assert "eu-west-1" in failure.advice


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "Access to Ground Truth is closed."),
        ("ValidationException", "RoleArn cannot be assumed."),
    ],
)
def test_a_refused_labelling_job_tells_aws_words_and_the_two_ways_without_ground_truth(
    bench: Bench, code: str, message: str
) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.sagemaker.refusal = (code, message)
    bench.start()
    failure = only_failure(bench).data
    assert failure.code == "labelling-refused"
    assert message in failure.reason
    assert code in failure.reason
    assert "no new customers since 30 July 2026" in failure.advice
    assert "`console`" in failure.advice
    assert "`import`" in failure.advice


def test_without_a_work_team_a_job_for_ground_truth_fails_with_what_to_do_and_asks_aws_nothing(
    bench: Bench,
) -> None:
    bench.upload({"a.jpg": jpeg()})
    del bench.environment["WORKTEAM_ARN"]
    bench.restart()
    bench.start()
    failure = only_failure(bench).data
    assert failure.code == "no-work-team"
    assert "no work team" in failure.reason
    for way in ("`console`", "`import`", "workteam_arn"):
        assert way in failure.advice
    assert bench.sagemaker.creations == 0


def test_an_event_that_is_not_for_labelling_goes_back_to_the_queue(bench: Bench) -> None:
    document = {**json.loads(training_job_started().to_json()), "type": "ekyc.unknown.v1"}
    assert bench.deliver(document) == ["m0"]
