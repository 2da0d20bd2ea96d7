"""The program that renders a project by an archived version.

It reads `{"files": {PATH: TEXT}, "templates": FOLDER, "state": TEXT}`: the files of the version,
the folder of the installed templates, and the state of the project. It writes what the version
returns. The modules of the version have the names of the installed ones: this program imports none
of these.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

PACKAGE = "fastgen"
PROGRAM = "fastgen.render_state"
TEMPLATES = "fastgen/_templates/"
INSTALLED = Path(__file__).parents[2]


class ArchivedVersion:
    """Finds the modules of a version. Those that are installed unchanged are compiled already."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How to import a module; None if it is none of fastgen.

        Raises:
            ModuleNotFoundError: the version does not have it, but another one may.
        """
        if name.partition(".")[0] != PACKAGE:
            return None
        folder = name.replace(".", "/")
        for file, parts in ((f"{folder}.py", None), (f"{folder}/__init__.py", list[str]())):
            if file in self._files:
                content, place = self._files[file], INSTALLED / file
                loader = None if _has(place, content) else _InMemory(name, str(place), content)
                return spec_from_file_location(
                    name, place, loader=loader, submodule_search_locations=parts
                )
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class _InMemory(SourceFileLoader):
    """Loads a module as if its file had this content."""

    def __init__(self, name: str, path: str, content: bytes) -> None:
        super().__init__(name, path)
        self._content = content

    def path_stats(self, path: str) -> Mapping[str, object]:
        """Without the time of a file, nothing compiled is looked for, and nothing is written."""
        raise FileNotFoundError(path)

    def get_data(self, _path: str) -> bytes:
        return self._content


def _has(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False


def main() -> None:
    """Render the project that the input describes."""
    request = json.loads(sys.stdin.buffer.read())
    files = {
        path: text.encode("utf-8", "surrogateescape") for path, text in request["files"].items()
    }
    templates = {
        path.removeprefix(TEMPLATES): content
        for path, content in files.items()
        if path.startswith(TEMPLATES)
    }
    sys.meta_path.insert(0, ArchivedVersion(files))
    render = import_module(PROGRAM).render
    sys.stdout.write(json.dumps(render(Path(request["templates"]), templates, request["state"])))


if __name__ == "__main__":
    main()
