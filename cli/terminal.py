"""What a command says: its result on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.text import Text

from cli.exits import CliError


@dataclass(frozen=True)
class Terminal:
    """The two outputs of one command. With `as_json`, stdout gets one JSON document and nothing else."""

    out: Console
    err: Console
    as_json: bool

    @classmethod
    def of_process(cls, *, as_json: bool) -> "Terminal":
        """The process's own stdout and stderr."""
        return cls(
            Console(highlight=False, markup=False),
            Console(stderr=True, highlight=False, markup=False),
            as_json,
        )

    def result(self, document: BaseModel | Mapping[str, Any], shown: RenderableType) -> None:
        """Print the command's result: the document for a program, or what is shown for a person."""
        if self.as_json:
            _print_json(document)
        else:
            self.out.print(shown)

    def note(self, text: str, style: str = "") -> None:
        """Say something by the way, on stderr."""
        self.err.print(Text(text, style), soft_wrap=True)

    def failure(self, error: CliError) -> None:
        """Say what went wrong: in words on stderr, and for a program as a document on stdout."""
        self.err.print(Text.assemble(("Error: ", "bold red"), error.detail), soft_wrap=True)
        if self.as_json:
            told = {"code": error.code, "detail": error.detail, "exitCode": int(error.exit_code)}
            _print_json({"error": told if error.status is None else {**told, "status": error.status}})


def fold(text: str) -> Text:
    """Text that no terminal width truncates."""
    return Text(text, overflow="fold")


def _print_json(document: BaseModel | Mapping[str, Any]) -> None:
    plain = document.model_dump(mode="json", by_alias=True) if isinstance(document, BaseModel) else document
    sys.stdout.write(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()
