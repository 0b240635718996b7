"""Whoever is woken by an alarm finds it in the manual, and nothing there is about an alarm that is not."""

import re
from pathlib import Path

ALARMS = Path("terraform/modules/observability/main.tf").read_text(encoding="utf-8")
MANUAL = Path("docs/operations.md").read_text(encoding="utf-8")


def names_of_alarms() -> set[str]:
    """The names behind prefix, service and function; the budget, which writes emails, rings as well."""
    alarms = re.findall(
        r'^ +alarm_name += "\$\{[^}]+\}-(?:\$\{each\.\w+\}-)?([a-z0-9-]+)"$', ALARMS, re.MULTILINE
    )
    budgets = re.findall(
        r'resource "aws_budgets_budget".*?\n  name += "\$\{[^}]+\}-([a-z-]+)"', ALARMS, re.DOTALL
    )
    return {*alarms, *budgets}


def sections_of(title: str) -> dict[str, str]:
    """The third-level sections of a second-level one."""
    [chapter] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", MANUAL, re.MULTILINE | re.DOTALL)
    _, *parts = re.split(r"^### ", chapter, flags=re.MULTILINE)
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in parts}


def test_no_alarm_is_overlooked_here() -> None:
    resources = re.findall(
        r'(?m)^resource "aws_(?:cloudwatch_metric_alarm|cloudwatch_composite_alarm|budgets_budget)"',
        ALARMS,
        re.MULTILINE,
    )
    assert len(names_of_alarms()) == len(resources)


def test_every_alarm_has_a_section_and_every_section_an_alarm() -> None:
    assert set(sections_of("Alarms")) == names_of_alarms()


def test_a_service_promises_no_alarm_that_there_is_not() -> None:
    promises = {
        readme: re.findall(r"\*\*Alarms\*\*(.*?)\(\[", readme.read_text(encoding="utf-8"), re.DOTALL)
        for readme in Path("services").glob("*/README.md")
    }
    assert promises
    for readme, promised in promises.items():
        assert set(re.findall(r"`([^`]+)`", "".join(promised))) <= names_of_alarms(), readme
        assert len(promised) == 1, readme


def test_a_section_says_what_the_alarm_means_and_what_to_do_unless_it_tells_nobody() -> None:
    for name, text in sections_of("Alarms").items():
        assert "**Means**" in text, name
        assert "**Do**" in text or "It\ntells nobody" in text or "It tells nobody" in text, name


def test_the_manual_leads_nowhere_that_is_not_there() -> None:
    titles = re.findall(r"^#+ (.+)$", MANUAL, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)]+)\)", MANUAL):
        file, _, anchor = target.partition("#")
        assert not file or (Path("docs") / file).exists(), target
        assert file or anchor in anchors, target
