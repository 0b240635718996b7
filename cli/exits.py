"""How a command ends: the exit codes, and the error that carries one."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script may conclude from a command's end."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    JOB_ENDED = 3
    UNREACHABLE = 4
    NOT_UPLOADED = 5
    TIMED_OUT = 6
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "what was asked for is done",
    ExitCode.REFUSED: "the API (or AWS, or the file system) refused; the message says why",
    ExitCode.USAGE: "the command line, a file it names or the configuration is wrong; nothing was sent",
    ExitCode.JOB_ENDED: "the job ended as FAILED, REJECTED or CANCELLED",
    ExitCode.UNREACHABLE: "the API (or AWS) cannot be reached, or cannot answer just now: try again later",
    ExitCode.NOT_UPLOADED: "some images, or the boxes for them, were not uploaded; what is missing is listed",
    ExitCode.TIMED_OUT: "--timeout passed before the job got there; the job itself goes on",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C); upload and watch can simply be run again",
}


class CliError(Exception):
    """Ends the command with a message for its user."""

    def __init__(
        self,
        detail: str,
        *,
        exit_code: ExitCode = ExitCode.USAGE,
        code: str = "usage",
        status: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.exit_code = exit_code
        self.code = code
        self.status = status
