"""By which LocalStack finds the executor: LAMBDA_RUNTIME_EXECUTOR=processes."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """Gives LocalStack the class that runs functions, once it asks."""

    name = "processes"

    def load(self, *_: object, **__: object) -> type[object]:
        """Import the class; before the first function there is no need to."""
        from .executor import ProcessExecutor

        return ProcessExecutor
