"""What a process does before its first message, told in seconds of processor: ``python -m benchmarks.cold``.

Nothing is imported here that would be missing from what is measured.
"""

import sys
import time


def ours(module: str, wire: str) -> None:
    """Import a handler's module, wire it as its first call does, and tell which clients it made."""
    import boto3

    make, made = boto3.client, []

    def noted(service: str, **arguments: object) -> object:
        made.append(service)
        return make(service, **arguments)  # type: ignore[call-overload]

    boto3.client = noted  # type: ignore[assignment]
    getattr(__import__(module, fromlist=[wire]), wire)()
    print(" ".join([str(time.process_time()), *made]))


def bare(clients: list[str]) -> None:
    """Import what everybody does, and make clients."""
    import boto3
    from aws_lambda_powertools import Logger as Logger
    from aws_lambda_powertools.utilities.batch import BatchProcessor as BatchProcessor
    from pydantic import BaseModel as BaseModel

    for client in clients:
        boto3.client(client)  # type: ignore[call-overload]
    print(time.process_time())


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        ours(*sys.argv[2:])
    else:
        bare(sys.argv[2:])
