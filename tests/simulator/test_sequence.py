"""The whole sequence of the pipeline, once, through boto3."""

import httpx

from tests.simulator.builders import (
    BUCKET,
    coco,
    describe_version,
    labelling_request,
    make_bucket,
    make_project,
    picture,
    put_job_files,
    read_lines,
    run,
    train,
    upload_pictures,
)
from tests.simulator.conftest import Lab


def test_images_are_labelled_made_into_datasets_trained_on_and_found_again(lab: Lab) -> None:
    make_bucket(lab.s3)
    pictures = upload_pictures(lab.s3, 18)
    put_job_files(lab.s3, list(pictures))
    assert httpx.post(f"{lab.url}/_simulator/annotations", json=coco(pictures)).status_code == 200

    lab.sagemaker.create_labeling_job(**labelling_request())
    lab.pass_time(3600)
    job = lab.sagemaker.describe_labeling_job(LabelingJobName="job-1")
    assert job["LabelingJobStatus"] == "Completed"
    assert job["LabelCounters"]["HumanLabeled"] == 18
    manifest = job["LabelingJobOutput"]["OutputDatasetS3Uri"]
    assert manifest == f"s3://{BUCKET}/out/job-1/manifests/output/output.manifest"
    assert len(read_lines(lab.s3, manifest)) == 18

    project = make_project(lab)
    key = manifest.removeprefix(f"s3://{BUCKET}/")
    for kind in ("TRAIN", "TEST"):
        lab.rekognition.create_dataset(
            ProjectArn=project,
            DatasetType=kind,
            DatasetSource={"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": key}}},
        )
    lab.pass_time(60)
    datasets = lab.rekognition.describe_projects()["ProjectDescriptions"][0]["Datasets"]
    assert [dataset["Status"] for dataset in datasets] == ["CREATE_COMPLETE"] * 2

    version = train(lab, project)
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_COMPLETED"
    assert described["EvaluationResult"]["F1Score"] == 1.0

    run(lab, version)
    found = lab.rekognition.detect_custom_labels(
        ProjectVersionArn=version, Image={"Bytes": picture([("licence", 40, 30, 100, 75)])}
    )["CustomLabels"]
    assert [label["Name"] for label in found] == ["licence"]
    assert found[0]["Geometry"]["BoundingBox"] == {"Left": 0.2, "Top": 0.2, "Width": 0.5, "Height": 0.5}
