"""`ekyc ops dlq`: the messages that a service could not work with."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.commands.operating import operating
from cli.milestones import duration
from cli.operations.aws import reader_of, services_with_a_queue
from cli.operations.dead_letter import DeadLetter
from cli.operations.dead_letters import DeadLetterQueue
from cli.operations.failures import Told, Why, explain_letters
from cli.options import ApiOption, JsonOption
from cli.terminal import fold

app = typer.Typer(
    no_args_is_help=True, help="Dead-letter queues: see what is in them and why, give it back, put it away."
)

_LIST_LOOKS_AT = 100
_PATIENCE = 300.0

_ABOUT = {
    Told.SERVICE: "",
    Told.LAMBDA: " (Lambda ended the call)",
    Told.EVENTBRIDGE: " (EventBridge could not deliver it)",
    Told.SNS: " (never received by the service)",
    Told.GUESS: " (the function failed then; perhaps because of this message)",
}

ServiceArgument = Annotated[
    str, typer.Argument(metavar="SERVICE", help="Such as trainer; `ekyc ops dlq list` names them.")
]
MessageOption = Annotated[
    str | None, typer.Option("--message", metavar="ID", help="This one alone; `show` names the ids.")
]


@app.command("list")
def list_queues(api: ApiOption = None, as_json: JsonOption = False) -> None:
    """List the dead-letter queues: how many messages, and how old the oldest of the first hundred is."""
    with operating(api, as_json=as_json) as here:
        sqs = here.aws.client("sqs")
        now = datetime.now(UTC)
        found = []
        for service in services_with_a_queue(sqs, here.aws.prefix):
            queue = DeadLetterQueue(sqs, here.aws.prefix, service)
            depth = queue.depth()
            sent = (
                [letter.sent_at for letter in queue.peek(_LIST_LOOKS_AT) if letter.sent_at] if depth else []
            )
            found.append((service, depth, min(sent, default=None)))
        queues = [
            {
                "service": service,
                "messages": depth,
                "oldestSentAt": oldest.isoformat() if oldest else None,
                "oldestSeconds": round((now - oldest).total_seconds()) if oldest else None,
            }
            for service, depth, oldest in found
        ]
        here.terminal.result({"queues": queues}, _list_table(found, now))


@app.command()
def show(
    service: ServiceArgument,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Look at so many at most.")] = 100,
    body: Annotated[bool, typer.Option("--body", help="Show the messages' bodies too.")] = False,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show each message, what it is about and why it failed; the messages stay where they are."""
    with operating(api, as_json=as_json) as here:
        queue = DeadLetterQueue(here.aws.client("sqs"), here.aws.prefix, service)
        letters = queue.peek(limit)
        depth = max(queue.depth(), len(letters))
        reader = reader_of(here.aws.client("lambda"), queue.source_arn) if letters else None
        log_group = f"/aws/lambda/{reader['FunctionArn'].rsplit(':', 1)[-1]}" if reader else None
        reasons = explain_letters(here.aws.client("logs"), log_group, letters)
        messages = [_letter_json(letter, reasons.get(letter.message_id), body=body) for letter in letters]
        shown = [_letter_shown(letter, reasons.get(letter.message_id), body=body) for letter in letters]
        here.terminal.result(
            {"service": service, "messagesInQueue": depth, "messages": messages},
            Group(*shown) if shown else fold("No message lies there."),
        )
        if depth > len(letters):
            here.terminal.note(f"{len(letters)} of {depth} messages; the others are past --limit or held.")


@app.command()
def redrive(
    service: ServiceArgument,
    message: MessageOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the messages back to the service, once what they failed of is repaired."""
    with operating(api, as_json=as_json) as here:
        queue = DeadLetterQueue(here.aws.client("sqs"), here.aws.prefix, service)
        if message is not None:
            queue.redrive_one(message)
            moved, done = 1, True
        else:
            outcome = queue.redrive(sleep=time.sleep, patience=_PATIENCE)
            moved, done = outcome.messages, outcome.done
        here.terminal.result(
            {"service": service, "redriven": moved, "done": done}, fold(f"{moved} given back to {service}")
        )
        if not done:
            here.terminal.note("SQS is still at it and goes on by itself; see `ekyc ops dlq list`.")


@app.command()
def discard(
    service: ServiceArgument,
    to: Annotated[
        Path,
        typer.Option("--to", metavar="FILE", dir_okay=False, help="Keep them here, a JSON object a line."),
    ],
    message: MessageOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the messages out of the queue into a file, behind what the file holds already."""
    with operating(api, as_json=as_json) as here:
        queue = DeadLetterQueue(here.aws.client("sqs"), here.aws.prefix, service)
        kept = queue.discard(to, lambda: datetime.now(UTC), message_id=message)
        here.terminal.result(
            {"service": service, "discarded": kept, "file": str(to)}, fold(f"{kept} put away in {to}")
        )


def _list_table(found: list[tuple[str, int, datetime | None]], now: datetime) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("SERVICE", no_wrap=True)
    table.add_column("MESSAGES", justify="right")
    table.add_column("OLDEST")
    for service, depth, oldest in found:
        table.add_row(
            service, Text(str(depth), "bold red" if depth else ""), duration(now - oldest) if oldest else "-"
        )
    return table


def _letter_json(letter: DeadLetter, why: Why | None, *, body: bool) -> dict[str, Any]:
    subject = letter.subject
    return {
        "messageId": letter.message_id,
        "type": subject.type,
        "jobId": subject.job_id,
        "attempt": subject.attempt,
        "eventId": subject.event_id,
        "correlationId": subject.correlation_id,
        "sentAt": letter.sent_at.isoformat() if letter.sent_at else None,
        "firstReceivedAt": letter.first_received_at.isoformat() if letter.first_received_at else None,
        "receives": letter.receives,
        "why": _why_json(why) if why else None,
        **({"body": letter.body} if body else {}),
    }


def _why_json(why: Why) -> dict[str, Any]:
    return {
        "reason": why.reason,
        "errorType": why.error_type,
        "toldBy": why.told_by,
        "at": why.at.isoformat() if why.at else None,
        "correlationId": why.correlation_id,
        "logGroup": why.log_group,
        "logStream": why.log_stream,
    }


def _letter_shown(letter: DeadLetter, why: Why | None, *, body: bool) -> RenderableType:
    subject = letter.subject
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Message", Text(letter.message_id, "bold"))
    table.add_row("About", Text(subject.type or "cannot be read"))
    if subject.job_id:
        table.add_row("Job", Text(f"{subject.job_id}, attempt {subject.attempt}"))
    if subject.correlation_id:
        table.add_row("Correlation id", Text(subject.correlation_id))
    if letter.sent_at:
        first = f", first received {letter.first_received_at:%H:%M:%S}" if letter.first_received_at else ""
        table.add_row(
            "Sent", Text(f"{letter.sent_at:%Y-%m-%d %H:%M:%S} UTC{first}, received {letter.receives} times")
        )
    if why:
        kind = f"{why.error_type}: " if why.error_type else ""
        table.add_row("Why", Text(kind + why.reason + _ABOUT[why.told_by], "red"))
    else:
        table.add_row("Why", Text("the logs do not tell (any more)", "yellow"))
    if why and why.log_group:
        table.add_row("Logged in", Text(f"{why.log_group}, {why.log_stream}"))
    if body:
        table.add_row("Body", Text(letter.body))
    return Group(table, Text())
