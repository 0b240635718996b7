"""`ekyc`: the commands, joined."""

import typer

from cli.commands import annotations, jobs, model, ops
from cli.commands.configure import configure
from cli.commands.detect import detect_documents
from cli.commands.start import start
from cli.commands.train import train
from cli.commands.upload import upload
from cli.exits import MEANINGS

_EXIT_CODES = "**Exit codes**\n\n" + "\n".join(f"- **{int(code)}** {text}" for code, text in MEANINGS.items())

app = typer.Typer(
    name="ekyc",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    epilog=_EXIT_CODES,
    help="Train a document model and use it: a client of the eKYC training API.",
)
app.command()(train)
app.add_typer(jobs.app, name="jobs")
app.command()(upload)
app.add_typer(annotations.app, name="annotations")
app.command()(start)
app.command()(jobs.watch)
app.add_typer(model.app, name="model")
app.command("detect")(detect_documents)
app.command()(configure)
app.add_typer(ops.app, name="ops")
