"""A wire that functions call AWS through, and that tells when a job was first spoken of on it.

``python -m benchmarks.tap HOST:PORT`` listens on a free port of the loopback interface, says where in its
first line, and carries what comes to HOST:PORT and back. When a job id goes by for the first time it writes a
line: the id, and the moment by the monotonic clock, which is the same for all processes of a machine.
"""

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import urlsplit

_JOB_ID = re.compile(rb"01[0-9a-z]{24}")
_CHUNK = 1 << 16


class Tap:
    """What was heard on the wire."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._heard: dict[str, float] = {}
        self._news = threading.Condition()

    @classmethod
    def listening(cls, lines: IO[str]) -> Self:
        """Listen to what the wire's process writes."""
        tap = cls(lines.readline().strip())
        threading.Thread(target=tap._listen, args=(lines,), daemon=True).start()
        return tap

    def first_heard(self, job_id: str, *, seconds: float = 60) -> float:
        """Wait until a job is spoken of, and give the moment of the monotonic clock.

        Raises:
            TimeoutError: It was not, within so many seconds.
        """
        with self._news:
            if not self._news.wait_for(lambda: job_id in self._heard, timeout=seconds):
                raise TimeoutError(f"no function spoke of job {job_id} within {seconds} s")
            return self._heard[job_id]

    def _listen(self, lines: IO[str]) -> None:
        for line in lines:
            job_id, moment = line.split()
            with self._news:
                self._heard[job_id] = float(moment)
                self._news.notify_all()


@contextmanager
def tapped(url: str) -> Iterator[Tap]:
    """Run a wire to a URL, in a process of its own, for the time of the block."""
    command = [sys.executable, "-m", "benchmarks.tap", urlsplit(url).netloc]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            yield Tap.listening(process.stdout)
        finally:
            process.terminate()


async def carry(host: str, port: int) -> None:
    """Carry connections until this process is ended."""
    seen: set[bytes] = set()

    def hear(chunk: bytes) -> None:
        for job_id in set(_JOB_ID.findall(chunk)) - seen:
            seen.add(job_id)
            sys.stdout.write(f"{job_id.decode()} {time.monotonic()!r}\n")
            sys.stdout.flush()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, port)

        async def ask() -> None:
            while chunk := await reader.read(_CHUNK):
                hear(chunk)
                there_writer.write(chunk)
                await there_writer.drain()
            there_writer.close()

        asking = asyncio.create_task(ask())
        while chunk := await there_reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.close()
        asking.cancel()

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    upstream_host, _, upstream_port = sys.argv[1].partition(":")
    asyncio.run(carry(upstream_host, int(upstream_port)))
