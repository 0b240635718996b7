"""`python -m demo`: a document model made before your eyes, and checked on what it has never seen."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.client import ApiError, ApiUnreachable, PipelineApi
from cli.exits import CliError, ExitCode
from cli.places import LocalStack as Endpoints
from cli.session import explain
from demo.evaluation import judge
from demo.failure import keep_logs
from demo.material import Material, from_files, synthetic
from demo.pipeline import Pipeline
from demo.problem import DemoError
from demo.report import write_report
from demo.result import Result, Step, pipeline_steps
from local.logs import print_logs
from local.ports import PortInUseError
from local.process import ProcessError
from local.stack import DEFAULT_SPEED, LocalStack, running_stack

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass
class Watch:
    """Takes the times of the demonstration's steps, and says which one it is at."""

    console: Console
    now: Callable[[], datetime]
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Time what is done inside."""
        self.console.print(Text(title, "bold"))
        began = self.now()
        yield
        self.steps.append(Step(title, began, self.now()))


@app.command()
def main(
    images: Annotated[
        Path | None, typer.Option("--images", help="Your own images instead of synthetic ones.")
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option("--annotations", help="Their boxes: a COCO file.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", help="Where the report goes.")] = Path("build/demo"),
    count: Annotated[int, typer.Option("--count", help="How many synthetic images to make.")] = 90,
    seed: Annotated[int, typer.Option("--seed", help="What the images and the split depend on.")] = 20,
    speed: Annotated[
        float, typer.Option("--speed", help="How many times faster than AWS the simulator is.")
    ] = DEFAULT_SPEED,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds to wait for the model.")] = 600,
) -> None:
    """Start the local stack, train a model through the HTTP API, check it on images kept apart, report."""
    console = Console(highlight=False, markup=False)
    try:
        watch = Watch(console, lambda: datetime.now(UTC))
        with watch.step("Getting the images"):
            material = _material(images, annotations, output, count, seed)
        _tell_material(console, material)
        result = _run(watch, material, output, speed, timeout)
        _tell_result(console, result, write_report(result, output))
    except KeyboardInterrupt:
        console.print("Interrupted; the stack is stopped.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except (DemoError, PortInUseError, ProcessError) as error:
        _fail(console, str(error))
    except (CliError, ApiError, ApiUnreachable, ClientError, BotoCoreError, OSError) as error:
        _fail(console, explain(error).detail)


def _material(images: Path | None, annotations: Path | None, output: Path, count: int, seed: int) -> Material:
    if images is None and annotations is None:
        return synthetic(output / "images", count=count, seed=seed)
    if images is None or annotations is None:
        raise DemoError("Give both: IMAGES=folder and ANNOTATIONS=coco.json.")
    return from_files(images, annotations, seed=seed)


def _run(watch: Watch, material: Material, output: Path, speed: float, timeout: float) -> Result:
    """Everything that needs the stack; model and stack are stopped however this ends."""
    with ExitStack() as running:
        with watch.step("Starting the local stack"):
            stack = running.enter_context(running_stack(output / "stack", speed=speed))
        running.enter_context(_keeping_logs(watch.console, output))
        api = running.enter_context(PipelineApi(stack.api))
        endpoints = Endpoints(aws=stack.aws, simulator=stack.simulator, api=stack.api)
        pipeline = Pipeline(api, endpoints, watch.console, timeout)
        with watch.step(f"Uploading {len(material.training)} images"):
            job_id = pipeline.upload(material).job_id
        watch.console.print(Text("Training", "bold"))
        job = pipeline.train(job_id, material)
        try:
            with watch.step(f"Looking at the {len(material.check)} images kept apart"):
                detections = pipeline.detect(job, material)
        finally:
            with watch.step("Stopping the model"):
                job = pipeline.stop(job_id)
        history = api.history(job_id)
        with watch.step("Stopping the local stack"):
            running.close()
    steps = sorted([*watch.steps, *pipeline_steps(job)], key=lambda step: step.began)
    judgements = {name: judge(truths, detections[name]) for name, truths in material.check.items()}
    return Result(material, job, history, tuple(steps), judgements)


@contextmanager
def _keeping_logs(console: Console, output: Path) -> Iterator[None]:
    """Save the functions' logs when what is done inside fails; with the stack they would be gone."""
    try:
        yield
    except Exception:
        path = output / "functions.log"
        keep_logs(path, lambda: print_logs(LocalStack(output / "stack"), ""))
        console.print(Text(f"What the functions logged: {path}", "yellow"), soft_wrap=True)
        raise


def _tell_material(console: Console, material: Material) -> None:
    console.print(
        Text(
            f"  {len(material.training)} to learn {', '.join(material.labels)} from, "
            f"{len(material.check)} kept apart"
        )
    )
    for note in material.notes:
        console.print(Text(f"  {note}", "yellow"), soft_wrap=True)


def _tell_result(console: Console, result: Result, report: Path) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("ON IMAGES KEPT APART")
    for title in ("DOCUMENTS", "FOUND", "FALSE ALARMS", "PRECISION", "RECALL", "F1"):
        table.add_column(title, justify="right")
    for label, one in [*result.by_label().items(), ("all", result.overall)]:
        counts = (str(one.documents), str(one.found), str(one.false_alarms))
        shares = ("-" if share is None else f"{share:.3f}" for share in (one.precision, one.recall, one.f1))
        table.add_row(Text(label), *counts, *shares)
    console.print()
    console.print(table)
    console.print(f"\nReport: {report}", soft_wrap=True)


def _fail(console: Console, message: str) -> None:
    console.print(Text.assemble(("Error: ", "bold red"), message), soft_wrap=True)
    raise typer.Exit(ExitCode.REFUSED)


if __name__ == "__main__":
    app(prog_name="make demo")
