"""IAM: roles, each with one inline policy."""

from typing import TYPE_CHECKING

from local.apply.outcome import Outcome, as_json
from local.resources import Role

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

POLICY_NAME = "allowed"


def apply_role(iam: "IAMClient", role: Role) -> Outcome:
    """Make the role, or bring its two documents up to date."""
    try:
        trusted = iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=as_json(role.trusted))
        _put(iam, role)
        return Outcome.CREATED
    updated = trusted != role.trusted
    if updated:
        iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=as_json(role.trusted))
    if _stored_policy(iam, role.name) != role.policy:
        _put(iam, role)
        updated = True
    return Outcome.of(updated=updated)


def _put(iam: "IAMClient", role: Role) -> None:
    iam.put_role_policy(RoleName=role.name, PolicyName=POLICY_NAME, PolicyDocument=as_json(role.policy))


def _stored_policy(iam: "IAMClient", role: str) -> object:
    try:
        return iam.get_role_policy(RoleName=role, PolicyName=POLICY_NAME)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return None
