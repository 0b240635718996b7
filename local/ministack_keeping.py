"""Keeps what MiniStack holds, so that it is there again after a crash.

MiniStack by itself saves when it ends in order, one service after the other. A crash is not in order; and of
two services saved a moment apart, the later may know that a message was dealt with while the earlier has not
heard what came of it. So all are saved as of one moment: the process forks, and the copy, in which time
stands still, writes one document and ends. Only the fork itself, some milliseconds, holds anything up.

This runs in MiniStack's environment: the standard library is all there is.
"""

import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SECONDS = 1
LOGS_SECONDS = 15
# They say what happened and decide nothing, and they only grow.
LOGS = frozenset({"cloudwatch", "cloudwatch_logs"})
# Writing a big state keeps a core busy: never for more than about a tenth of the time.
_REST = 9
_STUCK_SECONDS = 60


class StateError(RuntimeError):
    """What was kept cannot be taken up again; the message says what to do."""


class Keeper:
    """Saves what some services hold in one file, every so often."""

    def __init__(
        self,
        path: Path,
        *,
        version: str,
        seconds: float,
        states: Callable[[], Mapping[str, Callable[[], Any]]],
        encode: Callable[[Any], Any],
        decode: Callable[[dict[str, Any]], Any],
    ) -> None:
        """Keep them in `path`.

        Args:
            path: The file.
            version: Whose state it is; another version's is refused.
            seconds: How long to rest between two times, at least.
            states: Gives for each service the function that tells its state, None if it has none.
            encode: Makes JSON of what JSON has no word for.
            decode: Undoes that, as an `object_hook`.
        """
        self._path = path
        self._version = version
        self._seconds = seconds
        self._states = states
        self._encode = encode
        self._decode = decode

    def load(self) -> dict[str, Any]:
        """Give each service's state as it was last saved.

        Raises:
            StateError: The file is damaged, or another version's.
        """
        if not self._path.exists():
            return {}
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"), object_hook=self._decode)
            found, services = document["version"], dict(document["services"])
        except (LookupError, TypeError, ValueError) as error:
            raise StateError(
                f"{self._path} cannot be read ({error!r}); give it up with: make down"
            ) from error
        if found != self._version:
            raise StateError(
                f"{self._path} was written by MiniStack {found}, this is {self._version}; "
                "give it up with: make down"
            )
        return services

    def save(self) -> None:
        """Write the state, unless the file says the same already."""
        told = {name: tell() for name, tell in self._states().items()}
        services = {name: state for name, state in told.items() if state is not None}
        document = json.dumps({"version": self._version, "services": services}, default=self._encode).encode()
        if self._path.exists() and self._path.read_bytes() == document:
            return
        unfinished = self._path.with_name(self._path.name + ".part")
        unfinished.write_bytes(document)
        unfinished.replace(self._path)

    def start(self) -> None:
        """Save for ever, in the background."""
        threading.Thread(target=self._save_for_ever, name=f"keep-{self._path.stem}", daemon=True).start()

    def _save_for_ever(self) -> None:
        while True:
            began = time.monotonic()
            if not in_a_copy(self.save):
                sys.stderr.write(f"{self._path} was not saved\n")
            time.sleep(max(self._seconds, _REST * (time.monotonic() - began)))


def in_a_copy(work: Callable[[], None]) -> bool:
    """Do something in a copy of this process, as of now, and tell whether it was done."""
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _work_and_end(work)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _work_and_end(work: Callable[[], None]) -> None:
    code = 1
    try:
        # The handlers belong to the server that this is a copy of, and so does its pipe for signals.
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        # No other thread came along; should one have held a lock that is needed here, nobody will release it.
        signal.alarm(_STUCK_SECONDS)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this copy of the server must not go on serving
        traceback.print_exc()
    finally:
        os._exit(code)


def remember(folder: Path, *, version: str, get: Callable[[Any, str], Any]) -> None:
    """Have MiniStack keep its state in a folder, and begin with what is there.

    Args:
        folder: Where; a MiniStack of its own, for which STATE_DIR must be the same.
        version: MiniStack's.
        get: Gives a private name of a module, or complains.

    Raises:
        StateError: What is there cannot be taken up.
    """
    app: Any = importlib.import_module("ministack.app")
    persistence: Any = importlib.import_module("ministack.core.persistence")
    build_states, take_up = get(app, "_build_persistence_save_dict"), get(app, "_load_persisted_state")
    encode, decode = get(persistence, "_json_default"), get(persistence, "_json_object_hook")
    get(app, "load_state")
    get(app, "save_all")

    def keeper(name: str, seconds: float, wanted: Callable[[str], bool]) -> Keeper:
        def states() -> dict[str, Callable[[], Any]]:
            return {service: tell for service, tell in build_states().items() if wanted(service)}

        path = folder / name
        return Keeper(path, version=version, seconds=seconds, states=states, encode=encode, decode=decode)

    folder.mkdir(parents=True, exist_ok=True)
    keepers = (
        keeper("state.json", SECONDS, lambda service: service not in LOGS),
        keeper("logs.json", LOGS_SECONDS, LOGS.__contains__),
    )
    kept = {service: state for keeper in keepers for service, state in keeper.load().items()}
    hand_back(kept)

    def take_up_and_keep() -> None:
        take_up()
        kept.clear()
        for keeper in keepers:
            keeper.start()

    def save_all(_states: Any) -> None:
        for keeper in keepers:
            keeper.save()

    app.load_state = kept.get
    app.save_all = save_all
    app._load_persisted_state = take_up_and_keep


def hand_back(kept: Mapping[str, Any]) -> None:
    """Make messages visible that somebody had received: whoever that was ended with the MiniStack before."""
    queues = kept["sqs"]["queues"]._data.values() if "sqs" in kept else ()
    for queue in queues:
        for message in queue["messages"]:
            if message["receipt_handle"] is not None:
                message["visible_at"] = min(message["visible_at"], time.time())
