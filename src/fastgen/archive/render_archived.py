"""Renders a project by an archived version, in a process of its own.

Nothing is written: the process gets the version and the state of the project as its input.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastgen.archive import archived_program
from fastgen.archive.versions import ArchivedVersion
from fastgen.errors import Refused
from fastgen.programs import start_program
from fastgen.rendering.template_folder import templates

TIMEOUT = 60.0
"""Seconds; it takes less than one."""

_VARIABLES = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"}

Files = dict[str, bytes]


@contextmanager
def rendering(number: str, version: ArchivedVersion, state: str) -> Iterator[Callable[[], Files]]:
    """Start to render a project as the version did; the block gets a function that waits for it.

    Args:
        number: of the version, for messages.
        version: the version.
        state: the state of the project, in one text.

    The function raises `Refused` if the version cannot render the project.
    """
    files = {
        path: content.decode("utf-8", "surrogateescape") for path, content in version.files.items()
    }
    request = {"files": files, "templates": str(templates()), "state": state}
    program = Path(archived_program.__file__)
    with start_program(
        [sys.executable, "-P", str(program)],
        program.parent,
        variables=_VARIABLES,
        content=json.dumps(request).encode(),
    ) as result:
        yield lambda: _files(number, result)


def render_archived(number: str, version: ArchivedVersion, state: str) -> Files:
    """The files of a project as the version rendered them; see `rendering`.

    Raises:
        Refused: the version cannot render the project.
    """
    with rendering(number, version, state) as files:
        return files()


def _files(number: str, result: Callable[[float], tuple[int, bytes]]) -> Files:
    try:
        _, output = result(TIMEOUT)
        document = json.loads(output)
    except (TimeoutError, ValueError):
        document = {"error": "it ended without a result"}
    if "error" in document:
        raise Refused(
            f"fastgen {number} cannot render this project again: {document['error']}",
            "Correct the state of the project, or make it again with `fastgen new --from`.",
        )
    files: dict[str, str] = document["files"]
    return {path: text.encode("utf-8", "surrogateescape") for path, text in files.items()}
