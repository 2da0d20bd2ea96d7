"""Renders a project by an archived version, in a process of its own.

The interface of an archived version is the program `fastgen.render_state`, and it never changes: it
reads the state of a project in a folder, and writes one JSON document with the files.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen.archive.versions import ArchivedVersion
from fastgen.errors import Refused
from fastgen.programs import run_program

PROGRAM = "fastgen.render_state"
TIMEOUT = 60.0
"""Seconds; it takes less than one."""

_RUN = (
    f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_module({PROGRAM!r}, None, '__main__')"
)
_VARIABLES = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"}


def render_archived(
    number: str, version: ArchivedVersion, state: Mapping[str, str]
) -> dict[str, bytes]:
    """The files of a project as the version rendered them.

    Args:
        number: of the version, for messages.
        version: the version.
        state: the files of the state of the project.

    Raises:
        Refused: the version cannot render the project.
    """
    with TemporaryDirectory(prefix="fastgen-") as name:
        folder = Path(name)
        _write(folder, version.files)
        _write(folder / "state", {path: text.encode() for path, text in state.items()})
        command = [sys.executable, "-P", "-c", _RUN, "state"]
        try:
            _, output = run_program(command, folder, variables=_VARIABLES, timeout=TIMEOUT)
            document = json.loads(output)
        except (TimeoutError, ValueError):
            document = {"error": "it ended without a result"}
    if "error" in document:
        raise Refused(
            f"fastgen {number} cannot render this project again: {document['error']}",
            "Correct the state of the project, or make it again with `fastgen new --from`.",
        )
    files: Mapping[str, str] = document["files"]
    return {path: text.encode("utf-8", "surrogateescape") for path, text in files.items()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for parent in sorted({(folder / path).parent for path in files}):
        parent.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)
