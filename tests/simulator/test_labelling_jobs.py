"""Ground Truth labelling jobs: what is accepted, how a job goes, what it leaves in S3."""

import json
from typing import Any

import httpx
import pytest

from simulator.core.options import Choices, Quotas
from tests.simulator.builders import (
    BUCKET,
    coco,
    labelling_request,
    make_bucket,
    put_job_files,
    put_text,
    read_lines,
    read_text,
    to_lines,
    upload_pictures,
)
from tests.simulator.conftest import ACCOUNT, REGION, Lab, MakeLab, refusal

MANIFEST = f"s3://{BUCKET}/out/job-1/manifests/output/output.manifest"


def prepare(lab: Lab, count: int = 3, *, workers: bool = True) -> list[str]:
    """Put pictures and job files; return the pictures' URIs."""
    make_bucket(lab.s3)
    pictures = upload_pictures(lab.s3, count)
    put_job_files(lab.s3, list(pictures))
    if workers:
        teach(lab, coco(pictures))
    return list(pictures)


def teach(lab: Lab, document: dict[str, Any]) -> None:
    httpx.post(f"{lab.url}/_simulator/annotations", json=document).raise_for_status()


def begin(lab: Lab, **changes: Any) -> None:
    lab.sagemaker.create_labeling_job(**labelling_request(**changes))


def job(lab: Lab, name: str = "job-1") -> dict[str, Any]:
    return dict(lab.sagemaker.describe_labeling_job(LabelingJobName=name))


def test_a_job_goes_from_initializing_through_in_progress_to_completed(lab: Lab) -> None:
    prepare(lab)
    begin(lab)
    assert job(lab)["LabelingJobStatus"] == "Initializing"
    lab.pass_time(60)
    assert job(lab)["LabelingJobStatus"] == "InProgress"
    lab.pass_time(40)
    counters = job(lab)["LabelCounters"]
    assert (counters["HumanLabeled"], counters["Unlabeled"]) == (2, 1)
    assert "LabelingJobOutput" not in job(lab)
    lab.pass_time(300)
    assert job(lab)["LabelingJobStatus"] == "Completed"
    assert job(lab)["LabelingJobOutput"] == {"OutputDatasetS3Uri": MANIFEST}


def test_an_output_line_carries_the_boxes_and_the_input_lines_own_keys(lab: Lab) -> None:
    refs = prepare(lab, 1)
    put_text(lab.s3, "job/input.manifest", to_lines([{"source-ref": refs[0], "mine": {"id": 7}}]))
    begin(lab)
    lab.pass_time(3600)
    (line,) = read_lines(lab.s3, MANIFEST)
    assert line["mine"] == {"id": 7}
    assert line["boxes"] == {
        "image_size": [{"width": 200, "height": 150, "depth": 3}],
        "annotations": [{"class_id": 0, "left": 20, "top": 15, "width": 90, "height": 60}],
    }
    metadata = line["boxes-metadata"]
    assert metadata["objects"] == [{"confidence": 0}]
    assert metadata["class-map"] == {"0": "passport"}
    assert metadata["job-name"] == "labeling-job/job-1"
    assert metadata["type"] == "groundtruth/object-detection"
    assert len(metadata["creation-date"]) == len("2026-11-22T10:01:20.000000")


def test_an_image_nobody_knows_expires_and_the_job_still_completes(lab: Lab) -> None:
    refs = prepare(lab, 3, workers=False)
    teach(lab, coco({ref: [] for ref in refs[:2]}))
    begin(lab)
    lab.pass_time(3600)
    assert job(lab)["LabelingJobStatus"] == "Completed"
    assert job(lab)["LabelCounters"]["FailedNonRetryableError"] == 1
    *_, failed = read_lines(lab.s3, MANIFEST)
    assert "boxes" not in failed
    assert failed["boxes-metadata"]["failure-reason"].startswith("ClientError: Annotation tasks expired")


def test_an_image_listed_without_annotations_gets_empty_boxes(lab: Lab) -> None:
    (ref,) = prepare(lab, 1, workers=False)
    teach(lab, coco({ref: []}))
    begin(lab)
    lab.pass_time(3600)
    (line,) = read_lines(lab.s3, MANIFEST)
    assert line["boxes"]["annotations"] == []
    assert (line["boxes-metadata"]["objects"], line["boxes-metadata"]["class-map"]) == ([], {})


def test_labels_outside_the_jobs_categories_are_not_drawn(lab: Lab) -> None:
    (ref,) = prepare(lab, 1)
    put_job_files(lab.s3, [ref], labels=("licence",))
    begin(lab)
    lab.pass_time(3600)
    (line,) = read_lines(lab.s3, MANIFEST)
    assert line["boxes"]["annotations"] == []


def test_several_unsteady_workers_are_averaged_and_trusted(make_lab: MakeLab) -> None:
    lab = make_lab(human_error=0.02)
    prepare(lab, 2)
    begin(lab, HumanTaskConfig={"NumberOfHumanWorkersPerDataObject": 3})
    lab.pass_time(3600)
    for line in read_lines(lab.s3, MANIFEST):
        (confidence,) = line["boxes-metadata"]["objects"]
        assert 0.5 < confidence["confidence"] < 1
    answers = json.loads(
        read_text(lab.s3, only_object(lab, "out/job-1/annotations/worker-response/iteration-1/0/"))
    )
    drawn = [a["answerContent"]["boundingBox"]["boundingBoxes"][0]["left"] for a in answers["answers"]]
    assert len(drawn) == 3
    assert len(set(drawn)) > 1


def only_object(lab: Lab, prefix: str) -> str:
    (found,) = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    return f"s3://{BUCKET}/{found['Key']}"


def test_until_somebody_comes_to_work_the_job_waits(lab: Lab) -> None:
    refs = prepare(lab, 2, workers=False)
    begin(lab)
    lab.pass_time(86_400)
    assert job(lab)["LabelCounters"]["Unlabeled"] == 2
    teach(lab, coco({ref: [] for ref in refs}))
    lab.pass_time(200)
    assert job(lab)["LabelingJobStatus"] == "Completed"


def test_tasks_nobody_takes_expire_at_the_end_of_their_availability(lab: Lab) -> None:
    prepare(lab, 2, workers=False)
    begin(lab, HumanTaskConfig={"TaskAvailabilityLifetimeInSeconds": 600})
    lab.pass_time(60)
    lab.pass_time(599)
    assert job(lab)["LabelCounters"]["FailedNonRetryableError"] == 0
    lab.pass_time(100)
    described = job(lab)
    assert described["LabelingJobStatus"] == "Completed"
    assert described["LabelCounters"]["FailedNonRetryableError"] == 2


def test_tasks_that_slow_workers_do_not_get_to_expire_too(lab: Lab) -> None:
    prepare(lab, 4)
    begin(lab, HumanTaskConfig={"TaskAvailabilityLifetimeInSeconds": 60})
    lab.pass_time(60)
    lab.pass_time(300)
    counters = job(lab)["LabelCounters"]
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"]) == (3, 1)


def test_stopping_keeps_what_was_labelled_and_leaves_the_rest_as_it_came(lab: Lab) -> None:
    refs = prepare(lab, 3)
    begin(lab)
    lab.pass_time(60)
    lab.pass_time(20)
    lab.sagemaker.stop_labeling_job(LabelingJobName="job-1")
    assert job(lab)["LabelingJobStatus"] == "Stopping"
    lab.pass_time(60)
    assert job(lab)["LabelingJobStatus"] == "Stopped"
    lines = read_lines(lab.s3, MANIFEST)
    assert "boxes" in lines[0]
    assert lines[1:] == [{"source-ref": ref} for ref in refs[1:]]


def test_stopping_a_job_that_has_ended_changes_nothing(lab: Lab) -> None:
    prepare(lab, 1)
    begin(lab)
    lab.pass_time(3600)
    lab.sagemaker.stop_labeling_job(LabelingJobName="job-1")
    lab.pass_time(3600)
    assert job(lab)["LabelingJobStatus"] == "Completed"


def test_a_stopping_condition_ends_the_job_by_itself(lab: Lab) -> None:
    prepare(lab, 3)
    begin(lab, StoppingConditions={"MaxHumanLabeledObjectCount": 1})
    lab.pass_time(60)
    lab.pass_time(300)
    described = job(lab)
    assert described["LabelingJobStatus"] == "Stopped"
    assert described["LabelCounters"]["HumanLabeled"] == 1


def test_a_job_chained_on_anothers_output_labels_only_the_rest(lab: Lab) -> None:
    refs = prepare(lab, 3, workers=False)
    teach(lab, coco({ref: [] for ref in refs[:2]}))
    begin(lab)
    lab.pass_time(3600)
    put_text(lab.s3, "job/input.manifest", read_text(lab.s3, MANIFEST))
    teach(lab, coco({ref: [] for ref in refs}))
    begin(lab, name="job-2")
    lab.pass_time(60)
    lab.pass_time(20)
    assert job(lab, "job-2")["LabelCounters"]["HumanLabeled"] == 3
    lab.pass_time(60)
    lines = read_lines(lab.s3, MANIFEST.replace("job-1", "job-2"))
    assert [line["boxes-metadata"]["job-name"][-1] for line in lines] == ["1", "1", "2"]


def test_a_bucket_without_cors_makes_its_tasks_fail(lab: Lab) -> None:
    make_bucket(lab.s3, cors=False)
    pictures = upload_pictures(lab.s3, 1)
    put_job_files(lab.s3, list(pictures))
    teach(lab, coco(pictures))
    begin(lab)
    lab.pass_time(3600)
    assert job(lab)["LabelCounters"]["FailedNonRetryableError"] == 1


def test_an_image_that_is_none_cannot_be_labelled(lab: Lab) -> None:
    (ref,) = prepare(lab, 1)
    lab.s3.put_object(Bucket=BUCKET, Key=ref.removeprefix(f"s3://{BUCKET}/"), Body=b"")
    begin(lab)
    lab.pass_time(3600)
    assert job(lab)["LabelCounters"]["FailedNonRetryableError"] == 1


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("", "is empty"),
        ("not json\n", "line 1 is not valid JSON"),
        ('{"source": "x"}\n', 'line 1 needs "source-ref"'),
        ('{"source-ref": "https://x/y"}\n', "is not s3://bucket/key"),
        ('{"source-ref": "s3://b/k", "$x": 1}\n', "must not begin with $"),
        ('{"source-ref": "s3://b/k", "x": "' + "y" * 20_001 + '"}\n', "longer than 20000"),
        ('{"source-ref": "s3://b/k", "x": "' + "y" * 100_001 + '"}\n', "longer than 100000"),
    ],
)
def test_a_manifest_that_breaks_the_rules_fails_the_job_with_a_reason(
    lab: Lab, manifest: str, reason: str
) -> None:
    prepare(lab, 1)
    put_text(lab.s3, "job/input.manifest", manifest)
    begin(lab)
    lab.pass_time(100)
    described = job(lab)
    assert described["LabelingJobStatus"] == "Failed"
    assert reason in described["FailureReason"]


@pytest.mark.parametrize(
    ("categories", "reason"),
    [
        ("[]", "must look like"),
        ('{"labels": []}', "Give 1 to 50 labels"),
        ('{"labels": [{"label": "a"}, {"label": "a"}]}', "must be unique"),
        (json.dumps({"labels": [{"label": "a" * 257}]}), "1 to 256 characters"),
        (json.dumps({"labels": [{"label": str(n)} for n in range(51)]}), "has 51"),
    ],
)
def test_bad_label_categories_fail_the_job_with_a_reason(lab: Lab, categories: str, reason: str) -> None:
    prepare(lab, 1)
    put_text(lab.s3, "job/labels.json", categories)
    begin(lab)
    lab.pass_time(100)
    described = job(lab)
    assert described["LabelingJobStatus"] == "Failed"
    assert reason in described["FailureReason"]


def test_a_name_is_burnt_for_ever_whatever_its_case(lab: Lab) -> None:
    prepare(lab, 1)
    begin(lab)
    lab.pass_time(3600)
    code, message = refusal(lab.sagemaker.create_labeling_job, **labelling_request("JOB-1"))
    assert code == "ResourceInUse"
    assert "JOB-1" in message
    assert job(lab, "Job-1")["LabelingJobName"] == "job-1"


def test_an_unknown_job_is_not_found_without_the_exception_suffix(lab: Lab) -> None:
    for call in (lab.sagemaker.describe_labeling_job, lab.sagemaker.stop_labeling_job):
        assert refusal(call, LabelingJobName="nobody")[0] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"LabelAttributeName": "boxes-metadata"}, "reserved"),
        ({"LabelAttributeName": "boxes-ref"}, "reserved"),
        ({"LabelAttributeName": "source"}, "reserved"),
        ({"LabelCategoryConfigS3Uri": f"s3://{BUCKET}/missing"}, "does not exist"),
        ({"OutputConfig": {"S3OutputPath": "https://example.com/x"}}, "must look like s3://"),
        ({"InputConfig": {"DataSource": {}}}, "needs S3DataSource"),
        (
            {
                "InputConfig": {
                    "DataSource": {"SnsDataSource": {"SnsTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t"}}
                }
            },
            "streaming",
        ),
        ({"HumanTaskConfig": {"TaskTimeLimitInSeconds": 28_801}}, "at most 28800"),
        ({"HumanTaskConfig": {"TaskAvailabilityLifetimeInSeconds": 2_592_001}}, "30 days"),
        ({"HumanTaskConfig": {"UiConfig": {}}}, "UiTemplateS3Uri"),
        ({"HumanTaskConfig": {"UiConfig": {"UiTemplateS3Uri": f"s3://{BUCKET}/no"}}}, "UiTemplateS3Uri"),
        (
            {
                "HumanTaskConfig": {
                    "PreHumanTaskLambdaArn": "arn:aws:lambda:eu-west-1:000000000000:function:x"
                }
            },
            "568282634449:function:PRE-BoundingBox",
        ),
        (
            {
                "HumanTaskConfig": {
                    "WorkteamArn": f"arn:aws:sagemaker:{REGION}:394669845002:workteam/public-crowd/default"
                }
            },
            "Mechanical Turk",
        ),
        (
            {
                "HumanTaskConfig": {
                    "WorkteamArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/private-crowd/team"
                }
            },
            f"must be in {REGION}",
        ),
        (
            {
                "HumanTaskConfig": {
                    "WorkteamArn": f"arn:aws:sagemaker:{REGION}:999999999999:workteam/private-crowd/team"
                }
            },
            "another account",
        ),
    ],
)
def test_what_aws_refuses_is_refused_with_the_parameter_named(
    lab: Lab, changes: dict[str, Any], message: str
) -> None:
    prepare(lab, 1)
    code, said = refusal(lab.sagemaker.create_labeling_job, **labelling_request(**changes))
    assert code == "ValidationException"
    assert message in said


def test_a_missing_manifest_is_refused_at_once_and_the_name_stays_free(lab: Lab) -> None:
    prepare(lab, 1)
    lab.s3.delete_object(Bucket=BUCKET, Key="job/input.manifest")
    code, message = refusal(lab.sagemaker.create_labeling_job, **labelling_request())
    assert code == "ValidationException"
    assert "ManifestS3Uri" in message
    assert lab.sagemaker.list_labeling_jobs()["LabelingJobSummaryList"] == []


def test_a_closed_ground_truth_refuses_new_jobs(make_lab: MakeLab) -> None:
    lab = make_lab(choices=Choices(ground_truth_closed=True))
    prepare(lab, 1)
    code, message = refusal(lab.sagemaker.create_labeling_job, **labelling_request())
    assert code == "AccessDeniedException"
    assert "no longer open to new customers" in message


def test_jobs_are_listed_filtered_sorted_and_paged(lab: Lab) -> None:
    prepare(lab, 1)
    for name in ("alpha", "beta", "gamma"):
        begin(lab, name=name)
        lab.pass_time(5)
    lab.pass_time(3600)
    lab.pass_time(1)
    begin(lab, name="delta")

    def names(**filters: Any) -> list[str]:
        jobs = lab.sagemaker.list_labeling_jobs(**filters)["LabelingJobSummaryList"]
        return [summary["LabelingJobName"] for summary in jobs]

    assert names() == ["delta", "gamma", "beta", "alpha"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["alpha", "beta", "delta", "gamma"]
    assert names(StatusEquals="Completed", NameContains="A") == ["gamma", "beta", "alpha"]
    assert names(CreationTimeAfter=job(lab, "gamma")["CreationTime"]) == ["delta"]
    assert names(LastModifiedTimeBefore=job(lab, "delta")["CreationTime"], NameContains="beta") == ["beta"]
    pages = lab.sagemaker.get_paginator("list_labeling_jobs").paginate(PaginationConfig={"PageSize": 3})
    assert [len(page["LabelingJobSummaryList"]) for page in pages] == [3, 1]


def test_a_page_token_of_another_listing_is_refused(lab: Lab) -> None:
    prepare(lab, 1)
    for name in ("one", "two"):
        begin(lab, name=name)
    token = lab.sagemaker.list_labeling_jobs(MaxResults=1)["NextToken"]
    code, _ = refusal(lab.sagemaker.list_labeling_jobs, NextToken=token, NameContains="o")
    assert code == "ValidationException"
    assert refusal(lab.sagemaker.list_labeling_jobs, NextToken="rubbish")[0] == "ValidationException"


def test_the_quota_of_running_jobs_is_kept(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(running_labelling_jobs=1))
    prepare(lab, 1)
    begin(lab)
    assert (
        refusal(lab.sagemaker.create_labeling_job, **labelling_request("two"))[0] == "ResourceLimitExceeded"
    )


def test_output_is_encrypted_with_the_jobs_key(lab: Lab) -> None:
    prepare(lab, 1)
    begin(lab, OutputConfig={"S3OutputPath": f"s3://{BUCKET}/out", "KmsKeyId": "alias/labels"})
    lab.pass_time(3600)
    head = lab.s3.head_object(Bucket=BUCKET, Key=MANIFEST.removeprefix(f"s3://{BUCKET}/"))
    assert head["ServerSideEncryption"] == "aws:kms"


def test_output_that_cannot_be_written_fails_the_job(lab: Lab) -> None:
    prepare(lab, 1)
    begin(lab, OutputConfig={"S3OutputPath": "s3://no-such-bucket/out"})
    lab.pass_time(3600)
    described = job(lab)
    assert described["LabelingJobStatus"] == "Failed"
    assert "could not be written to S3" in described["FailureReason"]


def test_tags_can_be_given_at_creation_and_later(lab: Lab) -> None:
    prepare(lab, 1)
    begin(lab, Tags=[{"Key": "team", "Value": "kyc"}])
    arn = job(lab)["LabelingJobArn"]
    lab.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "test"}])
    expected = [{"Key": "team", "Value": "kyc"}, {"Key": "stage", "Value": "test"}]
    assert lab.sagemaker.list_tags(ResourceArn=arn)["Tags"] == expected
    assert job(lab)["Tags"] == expected
    assert refusal(lab.sagemaker.list_tags, ResourceArn=arn + "x")[0] == "ValidationException"
    many = [{"Key": str(n), "Value": ""} for n in range(49)]
    assert refusal(lab.sagemaker.add_tags, ResourceArn=arn, Tags=many)[0] == "ResourceLimitExceeded"
