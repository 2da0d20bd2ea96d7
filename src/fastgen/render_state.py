"""Renders the project of a state: `python -m fastgen.render_state FOLDER`.

It writes `{"files": {PATH: TEXT}}`, or `{"error": MESSAGE}`, as JSON. Bytes that are not UTF-8 are
escaped as surrogates. Later versions of fastgen run this program of earlier ones, so its interface
never changes.
"""

import json
import sys
from pathlib import Path

from fastgen.errors import FastgenError
from fastgen.planning.project_tree import project_tree
from fastgen.project.state import read_state


def main() -> None:
    """Render the project in the folder that the first argument names."""
    document: dict[str, object]
    try:
        tree = project_tree(read_state(Path(sys.argv[1])))
    except FastgenError as error:
        document = {"error": error.message}
    else:
        texts = {path: content.decode("utf-8", "surrogateescape") for path, content in tree.items()}
        document = {"files": texts}
    json.dump(document, sys.stdout)


if __name__ == "__main__":
    main()
