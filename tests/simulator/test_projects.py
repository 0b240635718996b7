"""Projects and tags of Custom Labels."""

from simulator.core.options import Quotas
from tests.simulator.builders import make_bucket, make_project, make_ready_project, train
from tests.simulator.conftest import ACCOUNT, REGION, Lab, MakeLab, refusal


def test_a_project_is_created_described_and_deleted(lab: Lab) -> None:
    arn = lab.rekognition.create_project(ProjectName="documents")["ProjectArn"]
    assert arn.startswith(f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/documents/")
    (project,) = lab.rekognition.describe_projects()["ProjectDescriptions"]
    assert (project["ProjectArn"], project["Status"], project["Datasets"]) == (arn, "CREATING", [])
    lab.pass_time(5)
    assert lab.rekognition.describe_projects()["ProjectDescriptions"][0]["Status"] == "CREATED"
    assert lab.rekognition.delete_project(ProjectArn=arn)["Status"] == "DELETING"
    assert lab.rekognition.describe_projects()["ProjectDescriptions"][0]["Status"] == "DELETING"
    lab.pass_time(5)
    assert lab.rekognition.describe_projects()["ProjectDescriptions"] == []
    assert refusal(lab.rekognition.delete_project, ProjectArn=arn)[0] == "ResourceNotFoundException"


def test_a_project_name_is_taken_until_it_is_deleted(lab: Lab) -> None:
    first = make_project(lab)
    assert refusal(lab.rekognition.create_project, ProjectName="documents")[0] == "ResourceInUseException"
    lab.rekognition.delete_project(ProjectArn=first)
    lab.pass_time(5)
    assert make_project(lab) != first


def test_what_is_not_for_custom_labels_is_refused(lab: Lab) -> None:
    create = lab.rekognition.create_project
    moderation = refusal(create, ProjectName="p", Feature="CONTENT_MODERATION")
    assert moderation[0] == "InvalidParameterException"
    assert refusal(create, ProjectName="p", AutoUpdate="ENABLED")[0] == "InvalidParameterException"


def test_the_quota_of_projects_is_kept(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(projects=2, control_rate=None))
    make_project(lab, "one")
    make_project(lab, "two")
    assert refusal(lab.rekognition.create_project, ProjectName="three")[0] == "LimitExceededException"


def test_projects_are_found_by_name_newest_first_and_paged(lab: Lab) -> None:
    for name in ("one", "two", "three"):
        make_project(lab, name)
    described = lab.rekognition.describe_projects()["ProjectDescriptions"]
    assert [p["ProjectArn"].split("/")[1] for p in described] == ["three", "two", "one"]
    (named,) = lab.rekognition.describe_projects(ProjectNames=["two", "none"])["ProjectDescriptions"]
    assert "project/two/" in named["ProjectArn"]
    pages = lab.rekognition.get_paginator("describe_projects").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["ProjectDescriptions"]) for page in pages] == [2, 1]
    code, _ = refusal(lab.rekognition.describe_projects, NextToken="stale")
    assert code == "InvalidPaginationTokenException"


def test_a_project_is_deleted_only_when_nothing_is_in_it(lab: Lab) -> None:
    make_bucket(lab.s3)
    project = make_ready_project(lab)
    version = train(lab, project)
    code, message = refusal(lab.rekognition.delete_project, ProjectArn=project)
    assert (code, "models" in message) == ("ResourceInUseException", True)
    lab.rekognition.delete_project_version(ProjectVersionArn=version)
    lab.pass_time(60)
    code, message = refusal(lab.rekognition.delete_project, ProjectArn=project)
    assert (code, "datasets" in message) == ("ResourceInUseException", True)


def test_projects_datasets_and_models_carry_tags(lab: Lab) -> None:
    arn = lab.rekognition.create_project(ProjectName="p", Tags={"team": "kyc"})["ProjectArn"]
    lab.rekognition.tag_resource(ResourceArn=arn, Tags={"stage": "test", "team": "id"})
    assert lab.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "id", "stage": "test"}
    lab.rekognition.untag_resource(ResourceArn=arn, TagKeys=["team", "never"])
    assert lab.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"stage": "test"}
    many = {str(n): "" for n in range(200)}
    code, _ = refusal(lab.rekognition.tag_resource, ResourceArn=arn, Tags=many)
    assert code == "ServiceQuotaExceededException"
    unknown = arn.replace("project/p/", "project/q/")
    code, _ = refusal(lab.rekognition.list_tags_for_resource, ResourceArn=unknown)
    assert code == "ResourceNotFoundException"


def test_accounts_and_regions_do_not_see_each_other(lab: Lab) -> None:
    arn = make_project(lab)
    for stranger in (
        lab.client("rekognition", account="999999999999"),
        lab.client("rekognition", region="us-east-1"),
    ):
        assert stranger.describe_projects()["ProjectDescriptions"] == []
        assert refusal(stranger.delete_project, ProjectArn=arn)[0] == "ResourceNotFoundException"
