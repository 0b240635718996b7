"""A problem on its way to becoming an answer."""

from collections.abc import Sequence

from contracts.problems import FieldFault, ProblemType


class ProblemError(Exception):
    """Something in the request, or in the job's state, forbids what was asked for.

    Attributes:
        problem_type: which of the catalogue's problems it is.
        detail: what is wrong here and what the user can do about it.
        errors: the members of the request that are wrong, when it is single members.
    """

    def __init__(self, problem_type: ProblemType, detail: str, errors: Sequence[FieldFault] = ()) -> None:
        super().__init__(detail)
        self.problem_type = problem_type
        self.detail = detail
        self.errors = tuple(errors)
