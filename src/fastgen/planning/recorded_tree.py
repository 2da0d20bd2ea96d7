"""The files of a project as the version rendered them that its state names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fastgen import __version__
from fastgen.archive import archive_file, read_archive, rendering
from fastgen.errors import Refused
from fastgen.planning.project_tree import Tree, project_tree
from fastgen.project.state import State
from fastgen.project.state_files import state_document


def is_older_release(state: State) -> bool:
    """Whether a project is of a released version before the installed one."""
    return state.version != __version__ and state.version in read_archive(archive_file())


def recorded_tree(state: State) -> Tree:
    """The content of each file, by its path.

    Raises:
        Refused: the version was not released before the installed one.
    """
    with rendering_recorded(state) as tree:
        return tree()


@contextmanager
def rendering_recorded(state: State) -> Iterator[Callable[[], Tree]]:
    """Start to render the tree of a state; the block gets a function that waits for the tree.

    Raises:
        Refused: see `recorded_tree`.
    """
    if state.version == __version__:
        yield lambda: project_tree(state)
        return
    versions = read_archive(archive_file())
    if state.version not in versions:
        known = f" Those that are: {', '.join(versions)}." if versions else ""
        raise Refused(
            f"The templates of fastgen {state.version}, which made this project, are not in the"
            " archive of released versions.",
            f"Set `fastgen` in `.fastgen.toml` to the release nearest to it.{known}",
        )
    with rendering(state.version, versions[state.version], state_document(state)) as tree:
        yield tree
