"""`ekyc ops`: for whoever operates a deployment, with AWS credentials of their own."""

import os
from datetime import UTC, datetime, timedelta
from functools import cached_property

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from cli.authentication import authentication
from cli.client import PipelineApi
from cli.commands import dlq
from cli.commands.operating import Operation, operating
from cli.operations import checkup, jobs, models, queues, rows, watchers
from cli.operations.aws import services_with_a_queue
from cli.operations.checkup import Check, State
from cli.options import ApiOption, JsonOption

app = typer.Typer(no_args_is_help=True, help="Operate a deployment: dead letters, and how everything stands.")
app.add_typer(dlq.app, name="dlq")

_STYLES = {State.OK: "green", State.ATTENTION: "bold red", State.UNKNOWN: "yellow"}


@app.command()
def doctor(api: ApiOption = None, as_json: JsonOption = False) -> None:
    """Look at queues, dead letters, watchers, jobs, models and quotas; change nothing.

    Exit code 0: all is well. 1: something needs a person, and it says what to do.
    4: not all could be looked at, and nothing else is wrong.
    """
    with operating(api, as_json=as_json) as here:
        checks = _Round(here, datetime.now(UTC)).checks()
        code = checkup.exit_code_of(checks)
        document = {
            "deployment": {"namePrefix": here.aws.prefix, "region": here.aws.region, "api": here.place.api},
            "healthy": code == 0,
            "checks": [check.to_json() for check in checks],
        }
        here.terminal.result(document, _shown(checks))
        if code:
            raise typer.Exit(code)


class _Round:
    """One round past everything; what two checks need is read once, and only when it is needed."""

    def __init__(self, here: Operation, now: datetime) -> None:
        self._here = here
        self._prefix = here.aws.prefix
        self._now = now
        self._client = here.aws.client

    def checks(self) -> list[Check]:
        """Look at everything."""
        return checkup.run_checks(
            {
                "api": self._api,
                "queues": lambda: queues.queue_check(self._queue_states),
                "dead-letters": lambda: queues.dead_letter_check(self._queue_states),
                "watchers": self._watchers,
                "turns": self._turns,
                "jobs": self._jobs,
                "models": self._models,
                "quotas": self._quotas,
            }
        )

    def _api(self) -> Check:
        with PipelineApi(self._here.place.api) as api:
            return Check("api", f"{self._here.place.api} says {api.health().status}")

    @cached_property
    def _queue_states(self) -> list[queues.QueueState]:
        sqs = self._client("sqs")
        services = services_with_a_queue(sqs, self._prefix)
        return queues.read_queues(
            sqs, self._client("lambda"), self._client("cloudwatch"), self._prefix, services, self._now
        )

    @cached_property
    def _clocks(self) -> list[watchers.Clock]:
        return watchers.read_clocks(self._client("scheduler"), self._prefix)

    def _watchers(self) -> Check:
        runs = watchers.read_runs(self._client("logs"), self._clocks, self._now)
        return watchers.watcher_check(runs, self._prefix, self._now)

    def _turns(self) -> Check:
        slowest = max((clock.every for clock in self._clocks), default=timedelta(minutes=1))
        return rows.row_check(
            rows.read_waiting_rows(self._client("dynamodb"), self._prefix), slowest, self._now
        )

    @cached_property
    def _account(self) -> models.Account:
        return models.read_account(self._client("rekognition"))

    def _jobs(self) -> Check:
        place = self._here.place
        with PipelineApi(place.api, auth=authentication(place, os.environ)) as api:
            return jobs.job_check(api, self._now)

    def _models(self) -> Check:
        known = models.known_models(self._client("dynamodb"), self._prefix, self._account.paid)
        return models.model_check(self._account, known, self._prefix)

    def _quotas(self) -> Check:
        quotas = models.read_quotas(self._client("service-quotas"), self._account, self._here.aws.region)
        return models.quota_check(quotas)


def _shown(checks: list[Check]) -> RenderableType:
    return Group(*(line for check in checks for line in _lines(check)))


def _lines(check: Check) -> list[Text]:
    head = Text.assemble((f"{check.state:10}", _STYLES[check.state]), f"{check.name:13}", check.summary)
    told = [Text(f"             {line}", "dim") for line in check.lines]
    todo = [Text(f"           → {finding}", "red") for finding in check.findings]
    failed = [Text(f"             {check.error}", "yellow")] if check.error else []
    return [head, *told, *todo, *failed]
