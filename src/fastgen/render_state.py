"""Renders the project of a state, for later versions of fastgen.

They import this version from memory and call `render`. Its arguments and its result never change.
"""

from collections.abc import Mapping
from pathlib import Path

from fastgen.errors import FastgenError
from fastgen.planning.project_tree import project_tree
from fastgen.project.documents import parse_document
from fastgen.project.state import STATE_FILE, parse_state
from fastgen.rendering.template_folder import use_templates


def render(folder: Path, templates: Mapping[str, bytes], state: str) -> dict[str, object]:
    """The files of a project: `{"files": {PATH: TEXT}}`, or `{"error": MESSAGE}`.

    Args:
        folder: the templates of the version that asks. Only their compiled code is used, where a
            template is the same.
        templates: those of this version, by their paths.
        state: the state of the project, as `state_document` writes it.

    Bytes that are not UTF-8 are escaped as surrogates.
    """
    use_templates(folder, templates)
    path = Path(STATE_FILE)
    try:
        tree = project_tree(parse_state(path, parse_document(path, state.encode())))
    except FastgenError as error:
        return {"error": error.message}
    return {
        "files": {
            path: content.decode("utf-8", "surrogateescape") for path, content in tree.items()
        }
    }
