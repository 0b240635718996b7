"""Puts the simulator together; everything it needs comes in as arguments."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.model import ServiceModel
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.core.aws import Aws, Boto3Aws
from simulator.core.clock import Clock, SystemClock
from simulator.core.control import Control, refuse
from simulator.core.gateway import Gateway
from simulator.core.options import Options
from simulator.core.regions import Regions
from simulator.core.tasks import TaskRunner
from simulator.core.validation import load_model
from simulator.core.world import World
from simulator.keeping import StateFile
from simulator.rekognition.learner import Learner
from simulator.rekognition.models import RekognitionState
from simulator.rekognition.routes import rekognition_service
from simulator.rekognition.shelf import ModelShelf
from simulator.sagemaker.models import SageMakerState
from simulator.sagemaker.progress import Progress
from simulator.sagemaker.routes import sagemaker_service
from simulator.sagemaker.workforce import BadAnnotationsError, Workforce

SERVICES = ("sagemaker", "rekognition")


@dataclass(frozen=True)
class Simulator:
    """One simulator and all its state; a reset is a new one."""

    app: Starlette
    world: World
    gateway: Gateway
    workforce: Workforce
    labelling: Regions[SageMakerState]
    custom_labels: Regions[RekognitionState]
    shelf: ModelShelf
    keeper: StateFile | None


def create_simulator(
    *,
    clock: Clock | None = None,
    options: Options | None = None,
    aws: Aws | None = None,
    learner: Learner | None = None,
    pools: dict[str, Executor] | None = None,
    models: Mapping[str, ServiceModel] | None = None,
    state: Path | None = None,
) -> Simulator:
    """Make a simulator.

    Args:
        clock: The time; the machine's own by default.
        options: Speed, durations, quotas, choices.
        aws: S3 and EventBridge; boto3 with the environment's endpoints by default.
        learner: Makes the models; the simulator's own detector by default.
        pools: Threads for work under the names `io` and `training`.
        models: Botocore's service models by service name, to share between simulators.
        state: File that keeps everything across restarts; None to keep nothing.

    Raises:
        BadStateFileError: The state file cannot be read.
    """
    clock, options = clock or SystemClock(), options or Options()
    pools = pools or {"io": ThreadPoolExecutor(4, "io"), "training": ThreadPoolExecutor(2, "training")}
    models = models or {name: load_model(name) for name in SERVICES}
    world = World(clock, options, aws or Boto3Aws(), TaskRunner(clock, pools))
    workforce = Workforce(human_error=options.human_error, seed=options.seed)
    labelling, custom_labels = Regions(SageMakerState), Regions(RekognitionState)
    progress = Progress(world, labelling, workforce)
    learner = learner or _own_learner()
    shelf = ModelShelf(learner)
    keeper = (
        None
        if state is None
        else StateFile(
            state,
            tasks=world.tasks,
            labelling=labelling,
            custom_labels=custom_labels,
            workforce=workforce,
            shelf=shelf,
        )
    )
    gateway = Gateway(
        world,
        [
            sagemaker_service(world, models["sagemaker"], labelling, progress),
            rekognition_service(world, models["rekognition"], custom_labels, learner, shelf),
        ],
        keep=keeper.kept_up_to if keeper else None,
    )
    control = Control(world, gateway, lambda: _describe(labelling, custom_labels, workforce))
    annotations = _Annotations(world, workforce, progress, keeper)
    routes = [
        Route("/", gateway.handle, methods=["POST"]),
        Route("/_simulator/annotations", annotations.learn, methods=["POST"]),
        *control.routes(),
    ]
    if keeper:
        keeper.load()
    app = Starlette(routes=routes, lifespan=_lifespan(world, keeper, learner))
    return Simulator(app, world, gateway, workforce, labelling, custom_labels, shelf, keeper)


class _Annotations:
    """`POST /_simulator/annotations`: what the workers will draw."""

    def __init__(
        self, world: World, workforce: Workforce, progress: Progress, keeper: StateFile | None
    ) -> None:
        self._world = world
        self._workforce = workforce
        self._progress = progress
        self._keeper = keeper

    async def learn(self, request: Request) -> Response:
        try:
            learned = self._workforce.learn(json.loads(await request.body()))
        except BadAnnotationsError as error:
            return refuse(str(error))
        except ValueError as error:
            return refuse(f"the body is not JSON: {error}")
        change = await run_in_threadpool(self._tell)
        if self._keeper is not None:
            await self._keeper.kept_up_to(change)
        return JSONResponse(learned)

    def _tell(self) -> int:
        with self._world.tasks.lock:
            self._world.tasks.step()
            self._progress.workers_arrived()
            self._world.tasks.changes += 1
            return self._world.tasks.changes


def _lifespan(
    world: World, keeper: StateFile | None, learner: Learner
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        async with keeper.kept() if keeper else nullcontext():
            world.tasks.start()
            try:
                yield
            finally:
                learner.close()
                world.tasks.close()

    return running


def _describe(
    labelling: Regions[SageMakerState], custom_labels: Regions[RekognitionState], workforce: Workforce
) -> dict[str, Any]:
    jobs = [job for _, state in labelling.items() for job in state.jobs.values()]
    versions = [version for _, state in custom_labels.items() for version in state.versions.values()]
    return {
        "services": list(SERVICES),
        "workers": "present" if workforce.present else "absent: POST /_simulator/annotations",
        "labellingJobs": len(jobs),
        "projects": sum(len(state.projects) for _, state in custom_labels.items()),
        "modelVersions": len(versions),
        "runningModels": sum(version.status == "RUNNING" for version in versions),
    }


def _own_learner() -> Learner:
    # Imported here because OpenCV and scikit-learn take a second, and tests bring learners of their own.
    from simulator.learning import DetectorLearner

    return DetectorLearner()
