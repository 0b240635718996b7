"""Who calls, from what API Gateway says."""

from typing import Any

import pytest

from runtime.callers import Person, Principal, Program, caller_of

ARN = "arn:aws:sts::123456789012:assumed-role/operators/ann"


def signed_in(**claims: Any) -> dict[str, Any]:
    return {"authorizer": {"claims": claims}, "identity": {"userArn": None}}


def test_an_access_token_with_a_user_name_is_a_persons() -> None:
    caller = caller_of(signed_in(username="ann", sub="9d2a", client_id="abc", scope="ekyc-api/write"))
    assert caller == Person("ann", frozenset())


def test_an_id_token_is_a_persons() -> None:
    assert caller_of(signed_in(**{"cognito:username": "ann", "sub": "9d2a"})) == Person("ann", frozenset())


def test_a_token_without_a_user_whose_subject_is_its_client_is_a_programs() -> None:
    caller = caller_of(signed_in(sub="abc", client_id="abc", token_use="access", scope="ekyc-api/write"))
    assert caller == Program("abc")


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"scope": "ekyc-api/write"},
        {"client_id": "abc"},
        {"sub": "abc"},
        {"sub": "9d2a", "client_id": "abc"},
        {"sub": "", "client_id": ""},
        {"sub": "abc", "client_id": "abc", "username": ""},
        {"sub": "abc", "client_id": "abc", "username": "abc"},
        {"sub": "abc", "client_id": "abc", "cognito:username": "abc"},
    ],
)
def test_a_token_that_is_not_certainly_a_programs_is_a_persons(claims: dict[str, str]) -> None:
    assert isinstance(caller_of(signed_in(**claims)), Person)


def test_a_person_whose_name_has_other_letters_is_known_by_their_id() -> None:
    assert caller_of(signed_in(username="Änne", sub="9d2a")) == Person("9d2a", frozenset())


def test_a_person_whom_the_token_does_not_name_has_no_name() -> None:
    assert caller_of(signed_in(scope="ekyc-api/write")) == Person(None, frozenset())


# API Gateway flattens the claim's list, and says nowhere how; these forms are seen.
@pytest.mark.parametrize("groups", ["leads", "others,leads", "[others leads]", ["leads"]])
def test_a_person_is_in_the_groups_that_the_token_tells(groups: Any) -> None:
    caller = caller_of(signed_in(username="ann", **{"cognito:groups": groups}))
    assert isinstance(caller, Person)
    assert "leads" in caller.groups
    assert caller.groups <= {"leads", "others"}


def test_whoever_signs_a_request_is_their_iam_principal() -> None:
    assert caller_of({"identity": {"userArn": ARN}}) == Principal(ARN)


@pytest.mark.parametrize(
    "context", [{}, {"identity": None, "authorizer": None}, {"identity": {"userArn": None}, "authorizer": {}}]
)
def test_where_nobody_signs_in_nobody_is_known(context: dict[str, Any]) -> None:
    assert caller_of(context) is None
