"""Virtual environments of their own, for what must not share ours."""

import hashlib
import shutil
import sys
from pathlib import Path

from tools.dependencies import run, uv
from tools.lock import locked


def make_environment(
    home: Path,
    lock: Path,
    *,
    python: str = sys.executable,
    version: str = sys.version,
    package: Path | None = None,
) -> Path:
    """Make a virtual environment, anew if anything that it is made from changed, and return its Python.

    Args:
        home: Its folder.
        lock: What to install, with hashes.
        python: The Python to make it with.
        version: What that Python says its version is.
        package: The folder of a package of ours to install too, with what the lock installed alone.

    Raises:
        InstallError: It could not be made; uv's words are in the message.
    """
    stamp, made = home / "made-from", home / "bin" / "python"
    key = hashlib.sha256(lock.read_bytes() + version.encode() + _content(package)).hexdigest()
    with locked(home.with_suffix(".lock")):
        if stamp.exists() and stamp.read_text(encoding="utf-8") == key:
            return made
        shutil.rmtree(home, ignore_errors=True)
        run([python, "-m", "venv", "--without-pip", str(home)])
        install = [str(uv()), "pip", "install", "--quiet", "--python", str(made)]
        run([*install, "--require-hashes", "-r", str(lock)])
        if package is not None:
            # Building leaves files behind, which belong into nobody's working tree.
            copy = shutil.copytree(package, home / "package")
            run([*install, "--no-deps", "--no-build-isolation", str(copy)])
        stamp.write_text(key, encoding="utf-8")
    return made


def _content(package: Path | None) -> bytes:
    if package is None:
        return b""
    return b"".join(
        path.read_bytes() for path in sorted(package.rglob("*")) if path.suffix in (".py", ".toml")
    )
