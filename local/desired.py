"""From what services say they need to the resources that should stand: pure, no AWS."""

from collections.abc import Sequence

from local import policies
from local.deployment import Deployment
from local.resources import (
    Api,
    AsynchronousCalls,
    Bucket,
    Function,
    Index,
    Key,
    LogGroup,
    Queue,
    QueueMapping,
    Resources,
    Role,
    Route,
    Rule,
    Schedule,
    Subscription,
    Table,
    Topic,
)
from local.service_spec import (
    FunctionSpec,
    ServiceSpec,
    TableSpec,
    fill,
    table_placeholder,
    table_variable,
)

RUNTIME = "python3.13"
MAX_RECEIVES = 5
FOUR_DAYS = 4 * 24 * 3600
# A dead message keeps the time it was first sent, so its queue must keep it longer than the first queue did.
FOURTEEN_DAYS = 14 * 24 * 3600
TICK = "rate(1 minute)"

_CORS_RULES: tuple[dict[str, list[str]], ...] = (
    # Without this one the pages of a labelling job show no images, and every task fails [sms-cors-update].
    {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ExposeHeaders": ["Access-Control-Allow-Origin"]},
    # A browser uploads to the URLs of the API.
    {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]},
)


def desired_key(deployment: Deployment) -> Key:
    """Describe the key, which must stand first: everything else names its ARN."""
    return Key(
        alias=f"alias/{deployment.prefix}",
        description=f"Everything the {deployment.prefix} training pipeline stores",
        policy=policies.key_policy(deployment),
    )


def visibility_seconds(timeout: int) -> int:
    """Say for how long a queue hides a message that its function, with this time-out, has received.

    AWS's advice is six time-outs, for batches that are throttled [services-sqs-configure]. Of a function that
    may take fifteen minutes that would be an hour and a half, for which a message that failed in its first
    second is hidden.
    """
    return max(timeout + 60, min(6 * timeout, 900))


def desired_resources(specs: Sequence[ServiceSpec], deployment: Deployment) -> Resources:
    """Describe everything else.

    Raises:
        SpecError: A placeholder cannot be filled.
    """
    services = [_Service(spec, deployment) for spec in specs]
    functions = tuple(function for service in services for function in service.functions())
    schedules = tuple(schedule for service in services for schedule in service.schedules())
    return Resources(
        bucket=Bucket(deployment.bucket, deployment.region, deployment.key, _CORS_RULES),
        topic=Topic(deployment.topic, deployment.key),
        tables=tuple(table for service in services for table in service.tables()),
        queues=tuple(queue for service in services for queue in service.queues()),
        subscriptions=tuple(item for service in services for item in service.subscriptions()),
        roles=(
            *(role for service in services for role in service.roles()),
            Role(
                deployment.labelling_role,
                policies.trust("sagemaker.amazonaws.com"),
                policies.labelling_policy(deployment),
            ),
            Role(
                deployment.scheduler_role,
                policies.trust("scheduler.amazonaws.com"),
                policies.invoke_policy([schedule.target for schedule in schedules]),
            ),
        ),
        log_groups=tuple(LogGroup(f"/aws/lambda/{function.name}", 14) for function in functions),
        functions=functions,
        mappings=tuple(mapping for service in services for mapping in service.mappings()),
        asynchronous_calls=tuple(calls for service in services for calls in service.asynchronous_calls()),
        rules=tuple(rule for service in services for rule in service.rules()),
        schedules=schedules,
        api=Api(
            deployment.prefix,
            deployment.stage,
            tuple(route for service in services for route in service.routes()),
        ),
    )


class _Service:
    """One service's share of the resources."""

    def __init__(self, spec: ServiceSpec, deployment: Deployment) -> None:
        self._spec = spec
        self._at = deployment
        self._name = f"{deployment.prefix}-{spec.service}"
        self._queue = deployment.arn("sqs", self._name) if spec.queue_function else None
        self._dead_letters = deployment.arn("sqs", f"{self._name}-dlq")
        self._table = (
            f"{deployment.prefix}-{spec.table_of or spec.service}" if spec.table or spec.table_of else None
        )
        self._placeholders = deployment.placeholders()
        if self._table is not None:
            self._placeholders["table"] = deployment.table_arn(self._table)
        self._further_tables = {name: f"{self._name}-{name}" for name in spec.tables}
        for name, full_name in self._further_tables.items():
            self._placeholders[table_placeholder(name)] = deployment.table_arn(full_name)

    def tables(self) -> list[Table]:
        own = [] if self._spec.table is None else [self._described(self._name, self._spec.table)]
        further = [
            self._described(self._further_tables[name], spec) for name, spec in self._spec.tables.items()
        ]
        return own + further

    def _described(self, name: str, table: TableSpec) -> Table:
        indexes = tuple(
            Index(index_name, index.partition_key, index.sort_key, index.projection)
            for index_name, index in sorted(table.indexes.items())
        )
        return Table(name, table.partition_key, table.sort_key, table.ttl, indexes, self._at.key)

    def queues(self) -> list[Queue]:
        reader = self._spec.queue_function
        if self._queue is None or reader is None:
            return []
        rules = [
            ("events.amazonaws.com", self._at.arn("events", f"rule/{rule.name}")) for rule in self.rules()
        ]
        topic = [("sns.amazonaws.com", self._at.topic)] if self._spec.consumes else []
        senders = [*topic, *rules]
        visibility = visibility_seconds(self._spec.functions[reader].timeout)
        return [
            Queue(
                self._dead_letters,
                {"MessageRetentionPeriod": str(FOURTEEN_DAYS), "KmsMasterKeyId": self._at.key},
                policies.queue_policy(self._dead_letters, senders),
                redrive_allow={"redrivePermission": "byQueue", "sourceQueueArns": [self._queue]},
            ),
            Queue(
                self._queue,
                {
                    "VisibilityTimeout": str(visibility),
                    "MessageRetentionPeriod": str(FOUR_DAYS),
                    "KmsMasterKeyId": self._at.key,
                },
                policies.queue_policy(self._queue, senders),
                redrive={"deadLetterTargetArn": self._dead_letters, "maxReceiveCount": MAX_RECEIVES},
            ),
        ]

    def subscriptions(self) -> list[Subscription]:
        if self._queue is None or not self._spec.consumes:
            return []
        types = tuple(self._spec.consumes)
        return [Subscription(self._at.topic, self._queue, types, dead_letters=self._dead_letters)]

    def roles(self) -> list[Role]:
        return [
            Role(
                self._function_name(name),
                policies.trust("lambda.amazonaws.com"),
                policies.function_policy(
                    self._at,
                    self._function_name(name),
                    self._spec.allow,
                    self._placeholders,
                    self._queue if function.on == "queue" else None,
                ),
            )
            for name, function in self._spec.functions.items()
        ]

    def functions(self) -> list[Function]:
        return [self._function(name, function) for name, function in self._spec.functions.items()]

    def mappings(self) -> list[QueueMapping]:
        return [
            QueueMapping(
                self._function_name(name), self._queue, function.batch_size, function.max_concurrency
            )
            for name, function in self._spec.functions.items()
            if self._queue is not None
            and function.batch_size is not None
            and function.max_concurrency is not None
        ]

    def rules(self) -> list[Rule]:
        if self._queue is None:
            return []
        return [
            Rule(f"{self._name}-{name}", dict(pattern), self._queue, self._dead_letters)
            for name, pattern in self._spec.eventbridge.items()
        ]

    def asynchronous_calls(self) -> list[AsynchronousCalls]:
        """Repeat no tick: the next one comes soon enough, a late one is of no use."""
        return [
            AsynchronousCalls(self._function_name(name), retries=0, max_age_seconds=60)
            for name, function in self._spec.functions.items()
            if function.every == "tick"
        ]

    def schedules(self) -> list[Schedule]:
        return [
            Schedule(
                self._function_name(name),
                TICK,
                self._at.function_arn(self._function_name(name)),
                self._at.role_arn(self._at.scheduler_role),
            )
            for name, function in self._spec.functions.items()
            if function.every == "tick"
        ]

    def routes(self) -> list[Route]:
        made = []
        for name, function in self._spec.functions.items():
            for route in function.routes:
                method, path = route.split(" ")
                made.append(Route(method, path, self._function_name(name)))
        return made

    def _function_name(self, function: str) -> str:
        return f"{self._name}-{function}"

    def _function(self, name: str, spec: FunctionSpec) -> Function:
        full_name = self._function_name(name)
        return Function(
            name=full_name,
            arn=self._at.function_arn(full_name),
            description=self._spec.description,
            package=self._spec.service,
            handler=spec.handler,
            runtime=RUNTIME,
            architecture=self._at.architecture,
            timeout=spec.timeout,
            memory=spec.memory,
            role=self._at.role_arn(full_name),
            environment=self._environment(),
            # A tick finds nothing to do nearly always, and each trace of that would be paid for.
            traced=spec.every is None,
        )

    def _environment(self) -> dict[str, str]:
        standard = {
            "NAME_PREFIX": self._at.prefix,
            "BUCKET": self._at.bucket,
            "TOPIC_ARN": self._at.topic,
            "CHECK_EVERY_SECONDS": str(self._at.check_every_seconds),
            "LOG_LEVEL": self._at.log_level,
            "POWERTOOLS_SERVICE_NAME": self._spec.service,
            "POWERTOOLS_METRICS_NAMESPACE": self._at.prefix,
        }
        table = {"TABLE_NAME": self._table} if self._table is not None else {}
        own = {name: fill(value, self._placeholders) for name, value in self._spec.environment.items()}
        further = {table_variable(name): full_name for name, full_name in self._further_tables.items()}
        return {**standard, **table, **further, **own, **self._at.endpoints}
