"""What survives a restart."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.model import ServiceModel

from simulator.app import create_simulator
from simulator.core.aws import Boto3Aws
from simulator.core.clock import FrozenClock
from simulator.keeping import BadStateFileError
from tests.simulator.builders import (
    begin_training,
    coco,
    describe_version,
    labelling_request,
    make_bucket,
    make_ready_project,
    picture,
    put_job_files,
    run,
    train,
    upload_pictures,
)
from tests.simulator.conftest import Lab, MakeLab
from tests.simulator.fakes import ColourLearner


@pytest.fixture
def restart(make_lab: MakeLab, tmp_path: Path) -> Any:
    """Make simulators that take up where the last one was left."""
    clock = FrozenClock()
    labs: list[Lab] = []

    def make() -> Lab:
        for lab in labs:
            lab.simulator.world.tasks.close()
        labs.append(make_lab(clock=clock, state=tmp_path / "state.json"))
        return labs[-1]

    return make


def test_models_jobs_and_workers_survive_a_restart(restart: Any) -> None:
    lab = restart()
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    arn = train(lab, project)
    run(lab, arn)
    put_job_files(lab.s3, list(upload_pictures(lab.s3, 3)))
    lab.sagemaker.create_labeling_job(**labelling_request())
    lab.pass_time(60)
    httpx.post(f"{lab.url}/_simulator/annotations", json=coco(upload_pictures(lab.s3, 3)))
    lab.pass_time(25)
    before = lab.sagemaker.describe_labeling_job(LabelingJobName="job-1")
    version = describe_version(lab, project)
    lab.save()

    lab = restart()
    assert describe_version(lab, project) == version
    after = lab.sagemaker.describe_labeling_job(LabelingJobName="job-1")
    assert after["LabelCounters"] == before["LabelCounters"]
    image = {"Bytes": picture([("card", 20, 20, 80, 60)])}
    found = lab.rekognition.detect_custom_labels(ProjectVersionArn=arn, Image=image)["CustomLabels"]
    assert [label["Name"] for label in found] == ["card"]
    lab.pass_time(3600)
    assert lab.sagemaker.describe_labeling_job(LabelingJobName="job-1")["LabelingJobStatus"] == "Completed"


def test_a_training_under_way_is_begun_again_and_ends_when_it_would_have(restart: Any) -> None:
    lab = restart()
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    begin_training(lab, project)
    lab.save()

    lab = restart()
    assert describe_version(lab, project)["Status"] == "TRAINING_IN_PROGRESS"
    lab.pass_time(4000)
    assert describe_version(lab, project)["Status"] == "TRAINING_COMPLETED"


def test_what_was_answered_survives_a_crash(restart: Any) -> None:
    lab = restart()
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    begin_training(lab, project)
    lab.pass_time(4000)
    version = describe_version(lab, project)
    assert version["Status"] == "TRAINING_COMPLETED"

    assert describe_version(restart(), project) == version


def test_questions_alone_change_nothing(restart: Any, tmp_path: Path) -> None:
    lab = restart()
    lab.rekognition.create_project(ProjectName="one")
    lab.rekognition.describe_projects()
    written = (tmp_path / "state.json").stat().st_ino
    lab.rekognition.describe_projects()
    assert (tmp_path / "state.json").stat().st_ino == written


def test_a_deleted_models_file_goes_with_it(restart: Any, tmp_path: Path) -> None:
    lab = restart()
    make_bucket(lab.s3)
    arn = train(lab, make_ready_project(lab, train=3, test=3))
    lab.save()
    assert len(list((tmp_path / "state.json.models").iterdir())) == 1
    lab.rekognition.delete_project_version(ProjectVersionArn=arn)
    lab.pass_time(60)
    lab.save()
    assert list((tmp_path / "state.json.models").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": 99}', "format 99"),
        ('{"format": 1}', "cannot be read"),
        (
            '{"format": 1, "sagemaker": [{"account": "1", "region": "r", "state": {"x": 1}}]}',
            "cannot be read",
        ),
    ],
)
def test_a_file_that_is_no_state_is_refused_with_a_way_out(
    tmp_path: Path, aws: Boto3Aws, service_models: dict[str, ServiceModel], content: str, message: str
) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(BadStateFileError, match=message):
        create_simulator(aws=aws, learner=ColourLearner(), models=service_models, state=path)
    assert path.read_text() == content
