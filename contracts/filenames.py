"""Which file names an image may have: one path segment, nothing that needs escaping anywhere."""

import re
from typing import Annotated

from pydantic import StringConstraints

MAX_FILENAME = 200
FILENAME_PATTERN = r"^[A-Za-z0-9_-][A-Za-z0-9._ -]*\.([jJ][pP][eE]?[gG]|[pP][nN][gG])$"

Filename = Annotated[str, StringConstraints(pattern=FILENAME_PATTERN, max_length=MAX_FILENAME)]


def why_refused(filename: str) -> str | None:
    """Say what is wrong with a file name, in words for its user; ``None`` when it is fine."""
    if not filename:
        return "The file name is empty."
    if len(filename) > MAX_FILENAME:
        return f"The file name has {len(filename)} characters; at most {MAX_FILENAME} are allowed."
    if "/" in filename or "\\" in filename:
        return "The file name must be one path segment: leave the folders out."
    if not re.fullmatch(r"[A-Za-z0-9._ -]+", filename):
        return "The file name may hold unaccented letters, digits, spaces and . _ - only: rename the file."
    if filename[0] in ". ":
        return "The file name must not begin with a dot or a space."
    if not re.fullmatch(FILENAME_PATTERN, filename):
        return "The file name must end in .jpg, .jpeg or .png: Custom Labels takes JPEG and PNG images only."
    return None
