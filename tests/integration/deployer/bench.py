"""The deployer on its own, with a Rekognition that stands as a test says."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from contracts.envelope import Event
from services.deployer.handler import Deployer, DeployerSettings, build
from tests.support.builders import JOB, OTHER_JOB, a_plan, model_trained, project_arn
from tests.support.clock import ManualClock
from tests.support.rekognition import FakeVersions
from tests.support.world import World

E = TypeVar("E", bound=Event)
PROJECT, VERSION = "/ekyc/model/project-arn", "/ekyc/model/project-version-arn"
MINE = (project_arn(JOB), "attempt-1")


@dataclass
class FakeSsm:
    """Keeps parameters, or refuses to."""

    parameters: dict[str, str] = field(default_factory=dict)
    refusal: Exception | None = None

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool) -> None:  # noqa: N803
        if self.refusal is not None:
            raise self.refusal
        assert (Type, Overwrite) == ("String", True)
        self.parameters[Name] = Value


class Bench:
    """A deployer on its own; both jobs have a trained model."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.rekognition = FakeVersions(
            statuses={(project_arn(job), "attempt-1"): "TRAINING_COMPLETED" for job in (JOB, OTHER_JOB)}
        )
        self.ssm = FakeSsm()
        self.deployer = self.restarted()

    def restarted(self) -> Deployer:
        environment = self.world.environment | {
            "PROJECT_ARN_PARAMETER": PROJECT,
            "PROJECT_VERSION_ARN_PARAMETER": VERSION,
        }
        return build(
            DeployerSettings.read(environment),
            clock=self.clock,
            rekognition=self.rekognition,  # type: ignore[arg-type]
            ssm=self.ssm,  # type: ignore[arg-type]
        )

    def tick(self, minutes: float = 1) -> None:
        self.clock.advance(minutes=minutes)
        self.deployer.reconciler.tick(("model", "slot"), seconds_left=lambda: 60)

    def deploy(self, **options: Any) -> None:
        """Have a model trained, and let it run."""
        self.deployer.deploy(model_trained(plan=a_plan(**options)))
        self.becomes("RUNNING")

    def becomes(self, status: str, *, message: str = "", after_minutes: float = 1) -> None:
        """Let JOB's model have this status, and let the deployer notice."""
        self.rekognition.message = message
        self.rekognition.statuses[MINE] = status
        self.tick(after_minutes)

    @property
    def status(self) -> str:
        return self.rekognition.statuses[MINE]

    def last(self, event: type[E]) -> E:
        """Take what was published, and give its last event, which has to be of this type."""
        said = self.world.published()
        assert said, "nothing was published"
        assert isinstance(said[-1], event)
        return said[-1]
