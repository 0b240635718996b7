"""Finds the Python that LocalStack 4.14 runs on."""

from collections.abc import Mapping

from tools import interpreters
from tools.interpreters import Python

VARIABLE = "PYTHON313"
WANTED = "3.13"


class NoPythonError(RuntimeError):
    """There is none; the message says where it was looked for."""


def find_python(environment: Mapping[str, str]) -> Python:
    """Find it: what PYTHON313 names, or else this very Python, on the path, pyenv's, or uv's.

    Raises:
        NoPythonError: None of them is one.
    """
    named = environment.get(VARIABLE)
    python = interpreters.find_python(WANTED, named)
    if python is None:
        looked = f"{named} is none" if named else "there is none on the path, of pyenv's or of uv's"
        raise NoPythonError(
            f"LocalStack 4.14 needs Python {WANTED} (3.14 is too new for it), and {looked}: "
            f"install it, or name one with {VARIABLE}=…"
        )
    return python
