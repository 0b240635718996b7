"""Ports of the loopback interface."""

import socket
from pathlib import Path

HOST = "127.0.0.1"


class PortInUseError(RuntimeError):
    """A wanted port is taken; the message says how to choose another."""


def choose_port(wanted: int, *, purpose: str, option: str) -> int:
    """Return the wanted port if nobody listens on it, or any free one for 0.

    Raises:
        PortInUseError: Somebody does.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are only winding down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise PortInUseError(
                f"port {wanted}, wanted for {purpose}, is in use by another program: "
                f"stop that, or choose another with {option}=… (0 takes any free one)"
            ) from error
        port: int = probe.getsockname()[1]
        return port


class KeptPorts:
    """On which ports the servers listened whose state is in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, server: str) -> int | None:
        """Return the port, None if nothing is kept of that server."""
        try:
            return int(self._file(server).read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def write(self, server: str, port: int) -> None:
        """Keep the port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file(server).write_text(str(port), encoding="ascii")

    def _file(self, server: str) -> Path:
        return self._folder / f"{server}.port"
