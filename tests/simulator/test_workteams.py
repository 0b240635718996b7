"""Work teams."""

from typing import Any

from simulator.core.options import Choices, Quotas
from tests.simulator.builders import labelling_request, make_bucket, put_job_files, upload_pictures
from tests.simulator.conftest import ACCOUNT, REGION, Lab, MakeLab, refusal

TEAM_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/team"


def team(name: str = "team") -> dict[str, Any]:
    member = {"UserPool": "eu-west-1_abc", "UserGroup": "labellers", "ClientId": "client"}
    return {
        "WorkteamName": name,
        "Description": "people who label",
        "MemberDefinitions": [{"CognitoMemberDefinition": member}],
    }


def test_a_team_is_made_described_listed_and_deleted(lab: Lab) -> None:
    assert lab.sagemaker.create_workteam(**team())["WorkteamArn"] == TEAM_ARN
    lab.sagemaker.create_workteam(**team("other"))
    described = lab.sagemaker.describe_workteam(WorkteamName="team")["Workteam"]
    assert (described["WorkteamArn"], described["Description"]) == (TEAM_ARN, "people who label")
    listed = lab.sagemaker.list_workteams(SortBy="Name", SortOrder="Descending")["Workteams"]
    assert [item["WorkteamName"] for item in listed] == ["team", "other"]
    assert len(lab.sagemaker.list_workteams(NameContains="oth")["Workteams"]) == 1
    assert lab.sagemaker.delete_workteam(WorkteamName="team")["Success"] is True
    assert refusal(lab.sagemaker.describe_workteam, WorkteamName="team")[0] == "ValidationException"
    assert refusal(lab.sagemaker.delete_workteam, WorkteamName="team")[0] == "ValidationException"


def test_a_name_is_used_once_and_teams_are_limited(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(workteams=1))
    lab.sagemaker.create_workteam(**team())
    assert refusal(lab.sagemaker.create_workteam, **team())[0] == "ResourceInUse"
    assert refusal(lab.sagemaker.create_workteam, **team("other"))[0] == "ResourceLimitExceeded"


def prepare_job(lab: Lab) -> None:
    make_bucket(lab.s3)
    put_job_files(lab.s3, list(upload_pictures(lab.s3, 1)))


def test_a_team_at_work_cannot_be_deleted_and_its_jobs_are_listed(lab: Lab) -> None:
    lab.sagemaker.create_workteam(**team())
    assert lab.sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=TEAM_ARN)["LabelingJobSummaryList"] == []
    prepare_job(lab)
    lab.sagemaker.create_labeling_job(**labelling_request())
    lab.pass_time(60)
    assert refusal(lab.sagemaker.delete_workteam, WorkteamName="team")[0] == "ResourceLimitExceeded"
    (found,) = lab.sagemaker.list_labeling_jobs_for_workteam(WorkteamArn=TEAM_ARN)["LabelingJobSummaryList"]
    assert found["LabelingJobName"] == "job-1"
    assert found["WorkRequesterAccountId"] == ACCOUNT
    assert found["LabelCounters"] == {"HumanLabeled": 0, "PendingHuman": 1, "Total": 1}


def test_jobs_of_an_unknown_team_are_not_found(lab: Lab) -> None:
    code, _ = refusal(lab.sagemaker.list_labeling_jobs_for_workteam, WorkteamArn=TEAM_ARN)
    assert code == "ResourceNotFound"


def test_a_job_can_be_made_to_need_a_team_that_exists(make_lab: MakeLab) -> None:
    lab = make_lab(choices=Choices(require_workteam=True))
    prepare_job(lab)
    code, message = refusal(lab.sagemaker.create_labeling_job, **labelling_request())
    assert (code, "no such work team" in message) == ("ValidationException", True)
    lab.sagemaker.create_workteam(**team())
    lab.sagemaker.create_labeling_job(**labelling_request())
