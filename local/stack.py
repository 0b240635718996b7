"""The local stack: MiniStack, the simulator, and the services deployed to them."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from local import console_process, ministack, simulator_process
from local.clients import NOWHERE_ELSE, Endpoint
from local.console_page import image_origins
from local.deploy import Deployed, deploy
from local.deployment import Deployment
from local.desired import desired_resources
from local.ports import KeptPorts, choose_port
from local.process import Process
from local.service_spec import ServiceSpec, read_services
from tools import package
from tools.dependencies import target_named
from tools.environment import make_environment

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SPEED = 600.0
"""How many times faster than AWS the simulator is: ten minutes take a second."""


class StackError(RuntimeError):
    """The stack cannot do what was asked; the message says what to do."""


@dataclass(frozen=True)
class Stack:
    """A stack that runs: where it answers, and what the deployment is called.

    Attributes:
        aws: URL of everything but SageMaker and Rekognition.
        simulator: URL of those two.
        api: What the paths of the HTTP API are appended to.
        elsewhere: URLs of the services that neither of the two answers, by boto3's names.
        console: URL of the page, None where none is served.
    """

    aws: str
    simulator: str
    api: str
    region: str
    account_id: str
    prefix: str
    bucket: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    console: str | None = None

    def write(self, path: Path) -> None:
        """Write it for scripts and tests to read."""
        members = asdict(self)
        members["accountId"] = members.pop("account_id")
        path.write_text(json.dumps(members, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            FileNotFoundError: No stack was started there.
        """
        members = json.loads(path.read_text(encoding="utf-8"))
        return cls(account_id=members.pop("accountId"), **members)


@dataclass(frozen=True)
class Options:
    """What can be chosen about a stack.

    Attributes:
        port: MiniStack's port; 0 for any free one.
        simulator_port: The simulator's port; 0 for any free one.
        console_port: The page's port; 0 for any free one, None to serve no page.
        console_files: The built page; nothing is served where there is none.
        speed: How many times faster than AWS the simulator is.
        ground_truth_closed: Whether the simulator refuses labelling jobs, as AWS does to new customers.
        endpoint: Where something that answers like AWS runs already; MiniStack is not started then.
        simulator_endpoint: Where a simulator runs already; ours is not started then.
        elsewhere: URLs of services that the endpoint does not answer, by boto3's names.
        function_environment: Variables for every function, instead of those that follow from the endpoints.
        target: What the functions' packages are built for.
        tick: Whether to call the functions of the clock ourselves, because the endpoint's scheduler does not.
        services: The folder of the services.
        simulator_command: What to start as the simulator.
    """

    port: int = 4566
    simulator_port: int = 4567
    console_port: int | None = None
    console_files: Path = console_process.FILES
    speed: float = DEFAULT_SPEED
    ground_truth_closed: bool = False
    endpoint: str | None = None
    simulator_endpoint: str | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    function_environment: Mapping[str, str] = field(default_factory=dict)
    target: str = "host"
    tick: bool = False
    services: Path = ROOT / "services"
    simulator_command: Sequence[str] = simulator_process.COMMAND


class LocalStack:
    """The stack of one folder: its processes, their logs, and `stack.json`."""

    def __init__(self, folder: Path, *, venv: Path = ROOT / ".local" / "ministack-venv") -> None:
        self.folder = folder
        self.file = folder / "stack.json"
        self.ministack = Process("ministack", folder)
        self.simulator = Process("simulator", folder)
        self.ticker = Process("ticker", folder)
        self.console = Process("console", folder)
        self._scratch = folder / "tmp"
        self._state = folder / "state"
        self._ports = KeptPorts(self._state)
        self._venv = venv

    @property
    def processes(self) -> tuple[Process, ...]:
        """All processes that there may be, in the order in which they are stopped."""
        return (self.console, self.ticker, self.simulator, self.ministack)

    def up(self, options: Options) -> tuple[Stack, Deployed]:
        """Start what does not run yet, deploy, and write `stack.json`; the processes are tied to this one.

        Raises:
            PortInUseError: A port is taken.
            ProcessError: MiniStack or the simulator did not come up.
            SpecError: A service.yaml cannot be deployed.
            StackError: Nothing answers at a given endpoint, or what was kept answered at another port.
        """
        with self._all_or_nothing():
            return self._up(options)

    def start(self, options: Options) -> tuple[str, str]:
        """Start what does not run yet and give the URLs of AWS and the simulator; somebody else deploys.

        Raises:
            PortInUseError: A port is taken.
            ProcessError: MiniStack or the simulator did not come up.
            StackError: Nothing answers at a given endpoint, or what was kept answered at another port.
        """
        with self._all_or_nothing():
            where = Deployment()
            aws = self._aws(options, where)
            return aws, self._simulator(options, where, aws)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            # Whatever went wrong, or whoever interrupted us: what ran before stays, what we started goes.
            for process in self.processes:
                if process.started_here:
                    process.stop()
            raise

    def _up(self, options: Options) -> tuple[Stack, Deployed]:
        specs = read_services(options.services)
        target = target_named(options.target)
        packages = {
            item.service: item.path for item in package.build(specs, target, services=options.services)
        }
        where = Deployment(architecture=target.architecture)
        aws = self._aws(options, where)
        simulator = self._simulator(options, where, aws)
        variables = {
            **endpoint_variables(aws, simulator, options.elsewhere),
            **options.function_environment,
        }
        where = replace(where, endpoints=variables)
        deployed = deploy(Endpoint(aws, where.region, options.elsewhere), specs, where, packages)
        if options.tick:
            self._tick(aws, where, specs)
        # Understood by MiniStack and LocalStack alike.
        api = f"{aws}/_aws/execute-api/{deployed.api_id}/{where.stage}"
        stack = Stack(
            aws,
            simulator,
            api,
            where.region,
            where.account,
            where.prefix,
            where.bucket,
            dict(options.elsewhere),
        )
        images = image_origins(variables["AWS_ENDPOINT_URL"], stack.bucket)
        stack = replace(stack, console=self._console(options, stack, images))
        stack.write(self.file)
        return stack, deployed

    def release(self) -> None:
        """Let the processes outlive this one."""
        for process in self.processes:
            process.release()

    def down(self) -> bool:
        """Stop all processes and take away what they kept; tell whether anything ran."""
        stopped = [process.stop() for process in self.processes]
        self._forget()
        return any(stopped)

    def _forget(self) -> None:
        self.file.unlink(missing_ok=True)
        for folder in (self._scratch, self._state):
            shutil.rmtree(folder, ignore_errors=True)

    def _tick(self, aws: str, where: Deployment, specs: Sequence[ServiceSpec]) -> None:
        names = [schedule.name for schedule in desired_resources(specs, where).schedules]
        self.ticker.stop()
        self.ticker.start(
            [sys.executable, "-m", "local.ticker", aws, where.region, *names],
            url=aws,
            environment=os.environ,
            cwd=ROOT,
        )

    def _aws(self, options: Options, where: Deployment) -> str:
        if options.endpoint is not None:
            return options.endpoint.rstrip("/")
        running = self.ministack.record()
        if running is not None:
            return running.url
        kept = self._ports.read("ministack")
        if kept is None:
            # What a simulator had in common with somebody else's AWS is of no use to ours.
            self.simulator.stop()
            self._forget()
        elif options.port not in (0, kept):
            raise StackError(
                f"what a stack held that did not stop in order waits in {self._state}, and its queues have "
                f"their port in their names: go on with PORT={kept}, or give it up with: make down"
            )
        port = choose_port(kept or options.port, purpose="MiniStack", option="PORT")
        python = make_environment(self._venv, ROOT / "requirements" / "ministack.txt")
        self._ports.write("ministack", port)
        return ministack.start(
            self.ministack,
            python,
            port=port,
            region=where.region,
            account=where.account,
            scratch=self._scratch / "ministack",
            state=self._state,
        )

    def _simulator(self, options: Options, where: Deployment, aws: str) -> str:
        if options.simulator_endpoint is not None:
            if not simulator_process.answers(options.simulator_endpoint.rstrip("/")):
                raise StackError(f"no simulator answers at {options.simulator_endpoint}")
            return options.simulator_endpoint.rstrip("/")
        running = self.simulator.record()
        if running is not None:
            wanted_settings = simulator_process.settings(
                options.speed, aws, ground_truth_closed=options.ground_truth_closed
            )
            if running.settings == wanted_settings:
                return running.url
            self.simulator.stop()
        # The same as before if we may, for the functions know it.
        wanted = options.simulator_port or self._ports.read("simulator") or 0
        port = choose_port(wanted, purpose="the simulator", option="SIMULATOR_PORT")
        self._ports.write("simulator", port)
        return simulator_process.start(
            self.simulator,
            port=port,
            speed=options.speed,
            aws=aws,
            region=where.region,
            scratch=self._scratch / "simulator",
            state=self._state,
            command=options.simulator_command,
            ground_truth_closed=options.ground_truth_closed,
        )

    def _console(self, options: Options, stack: Stack, images: str) -> str | None:
        if options.console_port is None or not console_process.is_built(options.console_files):
            self.console.stop()
            return None
        running = self.console.record()
        if running is not None and running.settings == console_process.settings(
            options.console_files, stack.api
        ):
            return running.url
        self.console.stop()
        # The same as before if we may: what a browser keeps belongs to the address.
        wanted = options.console_port or self._ports.read("console") or 0
        port = choose_port(wanted, purpose="the page", option="CONSOLE_PORT")
        self._ports.write("console", port)
        return console_process.start(
            self.console,
            port=port,
            files=options.console_files,
            api=stack.api,
            images=images,
            region=stack.region,
        )


@contextmanager
def running_stack(
    folder: Path,
    *,
    port: int = 0,
    simulator_port: int = 0,
    console_port: int | None = None,
    speed: float = DEFAULT_SPEED,
    ground_truth_closed: bool = False,
    services: Path = ROOT / "services",
) -> Iterator[Stack]:
    """Run a stack of one's own in a folder of its own, and stop it at the end, however that comes.

    Should this process be killed outright, the stack's processes notice and stop by themselves.

    Raises:
        PortInUseError: A port is taken.
        ProcessError: MiniStack or the simulator did not come up.
    """
    local = LocalStack(folder)
    try:
        options = Options(
            port=port,
            simulator_port=simulator_port,
            console_port=console_port,
            speed=speed,
            ground_truth_closed=ground_truth_closed,
            services=services,
        )
        stack, _ = local.up(options)
        yield stack
    finally:
        local.down()


def endpoint_variables(
    aws: str, simulator: str, elsewhere: Mapping[str, str] = NOWHERE_ELSE
) -> dict[str, str]:
    """Give the variables by which boto3 finds services elsewhere; all that differs between here and AWS."""
    return {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ENDPOINT_URL_SAGEMAKER": simulator,
        "AWS_ENDPOINT_URL_REKOGNITION": simulator,
        **{f"AWS_ENDPOINT_URL_{name.upper()}": url for name, url in elsewhere.items()},
    }
