"""What leads do, and that nobody else may."""

from typing import Any

import pytest

from tests.integration.labelling.bench import Bench
from tests.integration.labelling.console_bench import NO_DOCUMENT, Labeller, begin, counts
from tests.support.builders import JOB
from tests.support.http_face import assert_problem


@pytest.fixture
def lead(bench: Bench) -> Labeller:
    return Labeller(bench.face(), "lead")


@pytest.fixture
def ann(bench: Bench) -> Labeller:
    return Labeller(bench.face(), "ann")


@pytest.fixture
def bob(bench: Bench) -> Labeller:
    return Labeller(bench.face(), "bob")


def tasks(lead: Labeller, query: str = "") -> Any:
    answer = lead.ask("GET", f"{JOB}/tasks{query}")
    assert answer.status == 200, answer.text
    return answer.json


def ids(listed: Any) -> list[str]:
    return [task["taskId"] for task in listed["tasks"]]


def test_a_lead_sees_who_has_labelled_which_image(bench: Bench, lead: Labeller, ann: Labeller) -> None:
    begin(bench, 3)
    ann.label()
    ann.next()
    members = ("taskId", "filename", "state", "worker", "answers", "answeredBy")
    assert [tuple(task[member] for member in members) for task in tasks(lead)["tasks"]] == [
        ("00000000", "000.jpg", "done", None, 1, ["ann"]),
        ("00000001", "001.jpg", "leased", "ann", 0, []),
        ("00000002", "002.jpg", "open", None, 0, []),
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [("done", ["00000000"]), ("leased", ["00000001"]), ("open", ["00000002"]), ("assigned", [])],
)
def test_images_are_listed_by_their_state(
    bench: Bench, lead: Labeller, ann: Labeller, state: str, expected: list[str]
) -> None:
    begin(bench, 3)
    ann.label()
    ann.next()
    assert ids(tasks(lead, f"?state={state}")) == expected


@pytest.mark.parametrize("state", ["", "&state=open"])
def test_a_list_goes_on_where_the_page_before_ended(bench: Bench, lead: Labeller, state: str) -> None:
    begin(bench, 5)
    found, query = [], f"?limit=2{state}"
    while True:
        page = tasks(lead, query)
        assert len(page["tasks"]) <= 2
        found += ids(page)
        if page["nextToken"] is None:
            break
        query = f"?limit=2{state}&nextToken={page['nextToken']}"
    assert found == [f"{number:08}" for number in range(5)]


@pytest.mark.parametrize("token", ["x", "MTIz!", "YWJj"])
def test_a_token_of_another_list_is_refused(bench: Bench, lead: Labeller, token: str) -> None:
    begin(bench, 1)
    assert_problem(lead.ask("GET", f"{JOB}/tasks?nextToken={token}"), 422, "invalid-request")


def test_a_reopened_image_is_labelled_anew(bench: Bench, lead: Labeller, ann: Labeller) -> None:
    begin(bench, 1)
    task_id = ann.label()
    reopened = lead.post(f"tasks/{task_id}/reopen")
    assert (reopened.status, reopened.json["state"]) == (200, "open")
    assert counts(lead, "done", "answers", "open") == [0, 0, 1]
    assert_problem(ann.post("undo"), 409, "nothing-to-undo")
    assert ann.label(NO_DOCUMENT) == task_id


def test_an_assigned_image_goes_to_that_person_and_before_all_others(
    bench: Bench, lead: Labeller, ann: Labeller, bob: Labeller
) -> None:
    begin(bench, 3)
    assigned = lead.post("tasks/00000002/assign", {"worker": "bob"})
    assert (assigned.json["state"], assigned.json["worker"]) == ("assigned", "bob")
    assert ann.label_all() == ["00000000", "00000001"]
    assert bob.next()["taskId"] == "00000002"


def test_an_image_that_somebody_holds_can_go_to_another(
    bench: Bench, lead: Labeller, ann: Labeller, bob: Labeller
) -> None:
    begin(bench, 1)
    task_id = ann.next()["taskId"]
    assert lead.post(f"tasks/{task_id}/assign", {"worker": "bob"}).status == 200
    assert_problem(ann.submit(task_id), 409, "lease-lost")
    assert bob.label() == task_id


def test_a_done_image_is_not_assigned(bench: Bench, lead: Labeller, ann: Labeller) -> None:
    begin(bench, 1)
    task_id = ann.label()
    assert_problem(lead.post(f"tasks/{task_id}/assign", {"worker": "bob"}), 409, "lease-lost")


@pytest.mark.parametrize(
    "body", [{}, {"worker": ""}, {"worker": "a b"}, {"worker": "x" * 513}, {"who": "bob"}]
)
def test_an_image_is_assigned_to_somebody(bench: Bench, lead: Labeller, body: Any) -> None:
    begin(bench, 1)
    assert_problem(lead.post("tasks/00000000/assign", body), 422, "invalid-request")


def test_who_has_signed_in_and_is_no_lead_may_label_and_nothing_more(bench: Bench) -> None:
    begin(bench, 2)
    claims = {"username": "ann", "cognito:groups": "labellers"}
    ann = Labeller(bench.face(), "lead", context={"authorizer": {"claims": claims}})
    task_id = ann.label()
    assert ann.progress()["people"] == [{"worker": "ann", "answers": 1}]
    assert ann.progress()["isLead"] is False
    for answer in (
        ann.ask("GET", f"{JOB}/tasks"),
        ann.post(f"tasks/{task_id}/reopen"),
        ann.post(f"tasks/{task_id}/assign", {"worker": "bob"}),
        ann.post("finish"),
    ):
        assert_problem(answer, 403, "not-a-lead")


def test_a_member_of_the_leads_leads(bench: Bench) -> None:
    begin(bench, 1)
    claims = {"username": "ann", "cognito:groups": "ekyc-leads"}
    lead = Labeller(bench.face(), "x", context={"authorizer": {"claims": claims}})
    assert ids(tasks(lead)) == ["00000000"]
