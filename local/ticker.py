"""`python -m local.ticker URL REGION NAME…` calls functions each second, where no scheduler does."""

import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.clients import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

SECONDS = 1.0
# Longer than a function may run, and no second try: the next tick comes soon enough.
_PATIENT = Config(read_timeout=910, retries={"total_max_attempts": 1})


def main(arguments: Sequence[str]) -> None:
    """Tick until this process is ended."""
    url, region, *names = arguments
    endpoint = Endpoint(url, region)
    client = endpoint.session.client("lambda", endpoint_url=url, config=endpoint.config.merge(_PATIENT))
    never = threading.Event()
    for name in names:
        threading.Thread(target=_tick, args=(client, name, never), daemon=True).start()
    never.wait()


def _tick(client: "LambdaClient", name: str, ended: threading.Event) -> None:
    """Call one function again and again, never while its last call still runs."""
    while not ended.wait(SECONDS):
        try:
            client.invoke(FunctionName=name, Payload=b"{}")
        except (BotoCoreError, ClientError) as error:
            sys.stderr.write(f"{name}: {error}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
