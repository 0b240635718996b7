"""A problem on its way to becoming an answer."""

from contracts.problems import ProblemType


class ProblemError(Exception):
    """Something in the request, or in the job's state, forbids what was asked for.

    Attributes:
        problem_type: which of the catalogue's problems it is.
        detail: what is wrong here and what the user can do about it.
    """

    def __init__(self, problem_type: ProblemType, detail: str) -> None:
        super().__init__(detail)
        self.problem_type = problem_type
        self.detail = detail
