from contracts.problems import PROBLEM_TYPES, Problem


def test_every_problem_has_a_code_of_its_own() -> None:
    assert len({problem.code for problem in PROBLEM_TYPES}) == len(PROBLEM_TYPES)


def test_every_problem_makes_a_document() -> None:
    for problem in PROBLEM_TYPES:
        document = Problem(type=problem.uri, title=problem.title, status=problem.status, detail="what to do")
        assert document.type == f"urn:ekyc:problem:{problem.code}"
