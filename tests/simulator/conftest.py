"""A simulator behind a real socket, asked through the real SDK; S3 and EventBridge are moto's."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from moto import mock_aws
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.app import SERVICES, Simulator, create_simulator
from simulator.core.aws import Aws, Boto3Aws
from simulator.core.clock import FrozenClock
from simulator.core.options import Options, Quotas
from simulator.core.validation import answer_breaches, load_model
from simulator.rekognition.learner import Learner
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


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Return code and message of the error a call ends in."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


class Switch:
    """The server's app: whichever simulator the current test made."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


class Clients:
    """SDK clients, made once: making one takes longer than most tests."""

    def __init__(self, url: str) -> None:
        self.breaches: list[str] = []
        self._url = url
        self._made: dict[tuple[str, ...], Any] = {}

    def simulated(self, service: str, account: str, region: str) -> Any:
        key = (service, account, region)
        if key not in self._made:
            client = boto3.client(
                service,  # type: ignore[call-overload]  # the name is not a literal here
                endpoint_url=self._url,
                region_name=region,
                aws_access_key_id=account,
                aws_secret_access_key="x",
                config=Config(retries={"total_max_attempts": 1}),
            )
            client.meta.events.register("after-call", self._check_answer)
            self._made[key] = client
        return self._made[key]

    def mocked(self, service: str) -> Any:
        if (service,) not in self._made:
            config = Config(s3={"addressing_style": "path"})
            self._made[service,] = boto3.client(service, region_name=REGION, config=config)  # type: ignore[call-overload]  # the name is not a literal here
        return self._made[service,]

    def _check_answer(self, http_response: Any, model: Any, **_: Any) -> None:
        """Note whatever an answer has that the service model does not allow."""
        if http_response.status_code == 200:
            self.breaches += answer_breaches(model, json.loads(http_response.content))


@dataclass
class Lab:
    """One simulator and the clients that talk to it."""

    simulator: Simulator
    clock: FrozenClock
    url: str
    clients: Clients

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
        client: S3Client = self.clients.mocked("s3")
        return client

    def client(self, service: str, *, account: str = ACCOUNT, region: str = REGION) -> Any:
        return self.clients.simulated(service, account, region)

    def save(self) -> None:
        """Write the state file, as a simulator does when it stops."""
        assert self.simulator.keeper is not None
        self.simulator.keeper.save()

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


@pytest.fixture(scope="session")
def clients(server: tuple[Switch, str]) -> Clients:
    return Clients(server[1])


@pytest.fixture(scope="session")
def shared_aws() -> Iterator[Boto3Aws]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield Boto3Aws()


@pytest.fixture
def aws(shared_aws: Boto3Aws) -> Iterator[Boto3Aws]:
    with mock_aws():
        yield shared_aws


MakeLab = Callable[..., Lab]


@pytest.fixture
def make_lab(
    aws: Boto3Aws, server: tuple[Switch, str], service_models: dict[str, ServiceModel], clients: Clients
) -> Iterator[MakeLab]:
    switch, url = server
    labs: list[Lab] = []

    def make(
        *,
        other_aws: Aws | None = None,
        learner: Learner | None = None,
        clock: FrozenClock | None = None,
        state: Path | None = None,
        **settings: Any,
    ) -> Lab:
        options = Options(**{"quotas": NO_RATES, "human_error": 0.0, **settings})
        clock = clock or FrozenClock()
        simulator = create_simulator(
            clock=clock,
            options=options,
            aws=other_aws or aws,
            learner=learner or ColourLearner(),
            models=service_models,
            state=state,
        )
        simulator.world.tasks.start()
        switch.app = simulator.app
        labs.append(Lab(simulator, clock, url, clients))
        return labs[-1]

    yield make
    for lab in labs:
        lab.simulator.world.tasks.close()
    breaches, clients.breaches = clients.breaches, []
    assert breaches == []


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    return make_lab()
