"""The functions as their processes: wired by the services' own ``build``, with a test's clock."""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.dataset_creation import WAITING_FOR_DATASETS
from runtime.answers import respond
from runtime.clock import Clock
from runtime.consume import consume
from runtime.reconcile import SLOT
from runtime.wiring import seconds_left
from services.dataset import handler as dataset
from services.dataset.preparation import PREPARATION
from services.dataset_watcher import handler as dataset_watcher
from services.deployer import handler as deployer
from services.deployer.deployment import MODEL
from services.job_api import handler as job_api
from services.job_api.routes import make_app
from services.job_api.settings import JobApiSettings
from services.labelling import handler as labelling
from services.labelling.console.face import wire_face
from services.labelling.console.routes import make_app as make_labelling_app
from services.labelling.labelling_row import LABELLING
from services.labelling.settings import LabellingSettings
from services.trainer import handler as trainer
from services.trainer.training import TRAINING

Activate = Callable[[dict[str, Any], Any], Any]
"""A function of Lambda: event and context in, answer out."""

Environment = Mapping[str, str]


def start_process(handler: str, environment: Environment, clock: Clock) -> Activate:
    """Wire a function as its process does at its first activation.

    Each handler's module says the same in its entry point, which takes the machine's clock.
    """
    return _WIRED[handler](environment, clock)


def _labelling_requests(environment: Environment, clock: Clock) -> Activate:
    app = make_labelling_app(wire_face(LabellingSettings.read(environment), clock=clock))
    return lambda request, context: respond(app, request, context)


def _labelling_events(environment: Environment, clock: Clock) -> Activate:
    service = labelling.build(LabellingSettings.read(environment), clock=clock)
    return lambda batch, context: consume(batch, context, service.routes, service.notices)


def _labelling_tick(environment: Environment, clock: Clock) -> Activate:
    service = labelling.build(LabellingSettings.read(environment), clock=clock)
    return lambda _, context: service.reconciler.tick((LABELLING, SLOT), seconds_left=seconds_left(context))


def _dataset_events(environment: Environment, clock: Clock) -> Activate:
    service = dataset.build(dataset.DatasetSettings.read(environment), clock=clock)
    return lambda batch, context: consume(batch, context, service.routes)


def _dataset_tick(environment: Environment, clock: Clock) -> Activate:
    service = dataset.build(dataset.DatasetSettings.read(environment), clock=clock)
    return lambda _, context: service.reconciler.tick((PREPARATION,), seconds_left=seconds_left(context))


def _dataset_watcher_tick(environment: Environment, clock: Clock) -> Activate:
    watcher = dataset_watcher.build(dataset_watcher.DatasetWatcherSettings.read(environment), clock=clock)
    return lambda _, context: watcher.tick((WAITING_FOR_DATASETS,), seconds_left=seconds_left(context))


def _trainer_events(environment: Environment, clock: Clock) -> Activate:
    service = trainer.build(trainer.TrainerSettings.read(environment), clock=clock)
    return lambda batch, context: consume(batch, context, service.routes)


def _trainer_tick(environment: Environment, clock: Clock) -> Activate:
    service = trainer.build(trainer.TrainerSettings.read(environment), clock=clock)
    return lambda _, context: service.reconciler.tick((TRAINING, SLOT), seconds_left=seconds_left(context))


def _deployer_events(environment: Environment, clock: Clock) -> Activate:
    service = deployer.build(deployer.DeployerSettings.read(environment), clock=clock)
    return lambda batch, context: consume(batch, context, service.routes)


def _deployer_tick(environment: Environment, clock: Clock) -> Activate:
    service = deployer.build(deployer.DeployerSettings.read(environment), clock=clock)
    return lambda _, context: service.reconciler.tick((MODEL, SLOT), seconds_left=seconds_left(context))


def _job_api_requests(environment: Environment, clock: Clock) -> Activate:
    service = job_api.build(JobApiSettings.read(environment), clock=clock)
    app = make_app(service.training_jobs, service.images, service.results, service.detecting, service.leads)
    return lambda request, context: respond(app, request, context)


def _job_api_events(environment: Environment, clock: Clock) -> Activate:
    service = job_api.build(JobApiSettings.read(environment), clock=clock)
    return lambda batch, context: consume(batch, context, service.routes)


def _job_api_tick(environment: Environment, clock: Clock) -> Activate:
    outbox = job_api.build(JobApiSettings.read(environment), clock=clock).training_jobs.outbox
    return lambda _, __: outbox.send_older_than(clock() - job_api.LEFT_BEHIND)


_WIRED: Mapping[str, Callable[[Environment, Clock], Activate]] = {
    "services.labelling.console.handler.on_request": _labelling_requests,
    "services.labelling.handler.on_events": _labelling_events,
    "services.labelling.handler.on_tick": _labelling_tick,
    "services.dataset.handler.on_events": _dataset_events,
    "services.dataset.handler.on_tick": _dataset_tick,
    "services.dataset_watcher.handler.on_tick": _dataset_watcher_tick,
    "services.trainer.handler.on_events": _trainer_events,
    "services.trainer.handler.on_tick": _trainer_tick,
    "services.deployer.handler.on_events": _deployer_events,
    "services.deployer.handler.on_tick": _deployer_tick,
    "services.job_api.handler.on_request": _job_api_requests,
    "services.job_api.handler.on_events": _job_api_events,
    "services.job_api.handler.on_tick": _job_api_tick,
}
