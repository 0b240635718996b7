"""Runs a command that ends with whoever started it: `python tether.py COMMAND…`, with a pipe as input.

The starter holds the other end of the pipe. When it ends, however it ends, the pipe closes and the command is
stopped, together with every process in its group. A byte sent through the pipe lets the command go: from then
on it runs until somebody stops it. Uses the standard library alone, so that it starts in a blink.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

GRACE_SECONDS = 15


def main(command: Sequence[str]) -> int:
    """Run the command and give its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the starter's own command line
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    signal.signal(signal.SIGINT, lambda *_: child.terminate())
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    code = child.wait()
    # Workers that the command left behind are still in the group; so are we, and want to give the code back.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    return code if code >= 0 else 128 - code


def _watch(child: "subprocess.Popen[bytes]") -> None:
    if os.read(sys.stdin.fileno(), 1):
        return
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
