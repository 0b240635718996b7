"""Who asks, from what API Gateway says."""

from typing import Any

import pytest

from services.labelling.console.asking import Asker, UnknownWorker, asker_of

LEADS = "ekyc-leads"


def signed_in(**claims: Any) -> dict[str, Any]:
    return {"authorizer": {"claims": claims}}


def test_a_user_is_known_by_the_name_in_the_access_token() -> None:
    context = signed_in(username="6f1c", sub="9d2a", client_id="abc", scope="ekyc-api/write")
    assert asker_of(context, None, LEADS) == Asker("6f1c", is_lead=False)


def test_a_user_is_known_by_the_name_in_the_id_token() -> None:
    assert asker_of(signed_in(**{"cognito:username": "6f1c", "sub": "9d2a"}), None, LEADS).worker == "6f1c"


def test_a_program_is_known_by_its_client() -> None:
    assert asker_of(signed_in(sub="abc", client_id="abc"), None, LEADS) == Asker("abc", is_lead=False)


def test_a_name_with_other_letters_gives_way_to_the_users_id() -> None:
    assert asker_of(signed_in(username="Änne", sub="9d2a"), None, LEADS).worker == "9d2a"


def test_a_token_that_names_nobody_is_refused() -> None:
    with pytest.raises(UnknownWorker, match="sign in again"):
        asker_of(signed_in(scope="ekyc-api/write"), None, LEADS)


def test_whoever_has_signed_in_is_who_they_are_whatever_the_header_says() -> None:
    assert asker_of(signed_in(username="ann"), "bob", LEADS).worker == "ann"
    assert asker_of({"identity": {"userArn": "arn:aws:iam::1:user/ann"}}, "bob", LEADS).worker.endswith("ann")


# API Gateway flattens the claim's list, and says nowhere how; both forms are seen.
@pytest.mark.parametrize("groups", ["ekyc-leads", "others,ekyc-leads", "[others ekyc-leads]", ["ekyc-leads"]])
def test_members_of_the_group_of_leads_lead(groups: Any) -> None:
    context = signed_in(username="ann", **{"cognito:groups": groups})
    assert asker_of(context, None, LEADS).is_lead


@pytest.mark.parametrize("groups", ["", "others", "ekyc-leads-not", "[not-ekyc-leads]"])
def test_nobody_else_who_has_signed_in_with_cognito_leads(groups: str) -> None:
    context = signed_in(username="ann", **{"cognito:groups": groups})
    assert not asker_of(context, None, LEADS).is_lead


def test_an_iam_principal_is_known_by_its_arn_and_leads() -> None:
    arn = "arn:aws:sts::123456789012:assumed-role/labellers/ann"
    assert asker_of({"identity": {"userArn": arn}}, None, LEADS) == Asker(arn, is_lead=True)


def test_where_nobody_signs_in_the_header_names_the_person_and_everybody_leads() -> None:
    context = {"identity": {"userArn": None}, "authorizer": None}
    assert asker_of(context, "ann@example.com", LEADS) == Asker("ann@example.com", is_lead=True)
    assert asker_of(context, None, LEADS) == Asker("anybody", is_lead=True)


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 65, "a#b", "a\n"])
def test_a_header_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownWorker, match="64 letters"):
        asker_of({}, name, LEADS)
