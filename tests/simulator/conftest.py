"""A simulator behind a real socket, asked through the real SDK; S3 and EventBridge are moto's."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.model import ServiceModel
from moto import mock_aws
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.app import SERVICES, Simulator, create_simulator
from simulator.core.aws import Boto3Aws
from simulator.core.clock import FrozenClock
from simulator.core.options import Options, Quotas
from simulator.core.validation import answer_breaches, load_model
from tests.simulator.fakes import ColourLearner

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

REGION = "eu-west-1"
ACCOUNT = "123456789012"
# With a clock that stands still a bucket of calls would never fill again.
NO_RATES = Quotas(control_rate=None, detect_rate=None, tagging_rate=None, images_per_second_per_unit=None)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.005)


class Switch:
    """The server's app: whichever simulator the current test made."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass
class Lab:
    """One simulator and the clients that talk to it."""

    simulator: Simulator
    clock: FrozenClock
    url: str
    models: dict[str, ServiceModel]
    account: str = ACCOUNT
    region: str = REGION
    breaches: list[str] = field(default_factory=list)

    @property
    def sagemaker(self) -> "SageMakerClient":
        client: SageMakerClient = self.client("sagemaker")
        return client

    @property
    def rekognition(self) -> "RekognitionClient":
        client: RekognitionClient = self.client("rekognition")
        return client

    @property
    def s3(self) -> "S3Client":
        return boto3.client("s3", region_name=self.region, config=Config(s3={"addressing_style": "path"}))

    def client(self, service: str, *, account: str = "", region: str = "", **config: Any) -> Any:
        made = boto3.client(
            service,  # type: ignore[call-overload]  # the name is not a literal here
            endpoint_url=self.url,
            region_name=region or self.region,
            aws_access_key_id=account or self.account,
            aws_secret_access_key="x",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )
        made.meta.events.register("after-call", self._check_answer)
        return made

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and everything that becomes due happen."""
        self.settle()
        self.clock.advance(seconds)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is left to do at this moment."""
        tasks = self.simulator.world.tasks

        def idle() -> bool:
            with tasks.lock:
                tasks.step()
                now = self.clock.now()
                return not any(task.due <= now or not tasks.is_done(task) for task in tasks.pending
                               if task.starts <= now)  # fmt: skip

        wait_until(idle)

    def _check_answer(self, http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
        """Note whatever an answer has that the service model does not allow."""
        import json

        if http_response.status_code == 200:
            self.breaches += answer_breaches(model, json.loads(http_response.content))


@pytest.fixture(scope="session")
def service_models() -> dict[str, ServiceModel]:
    return {name: load_model(name) for name in SERVICES}


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[Switch, str]]:
    switch = Switch()
    config = uvicorn.Config(switch, port=0, lifespan="off", log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    wait_until(lambda: running.started)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield switch, f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


MakeLab = Callable[..., Lab]


@pytest.fixture
def make_lab(
    aws: None, server: tuple[Switch, str], service_models: dict[str, ServiceModel]
) -> Iterator[MakeLab]:
    switch, url = server
    labs: list[Lab] = []

    def make(**settings: Any) -> Lab:
        options = Options(**{"quotas": NO_RATES, "human_error": 0.0, **settings})
        clock = FrozenClock()
        simulator = create_simulator(
            clock=clock, options=options, aws=Boto3Aws(), learner=ColourLearner(), models=service_models
        )
        simulator.world.tasks.start()
        switch.app = simulator.app
        lab = Lab(simulator, clock, url, service_models)
        labs.append(lab)
        return lab

    yield make
    for lab in labs:
        lab.simulator.world.tasks.close()
    assert [breach for lab in labs for breach in lab.breaches] == []


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    return make_lab()
