"""What is kept of a demonstration that failed."""

from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.stack import StackError


def keep_logs(path: Path, print_logs: Callable[[], object]) -> None:
    """Write down what the functions logged before the stack that holds it is gone.

    A stack too broken to give its logs must not hide what went wrong in the first place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("w", encoding="utf-8") as file,
        redirect_stdout(file),
        suppress(StackError, BotoCoreError, ClientError),
    ):
        print_logs()
