"""The files of a project as the version rendered them that its state names."""

from fastgen import __version__
from fastgen.archive import archive_file, read_archive, render_archived
from fastgen.errors import Refused
from fastgen.planning.project_tree import Tree, project_tree
from fastgen.project.state import State
from fastgen.project.state_files import state_files


def is_older_release(state: State) -> bool:
    """Whether a project is of a released version before the installed one."""
    return state.version != __version__ and state.version in read_archive(archive_file())


def recorded_tree(state: State) -> Tree:
    """The content of each file, by its path.

    Raises:
        Refused: the version was not released before the installed one.
    """
    if state.version == __version__:
        return project_tree(state)
    versions = read_archive(archive_file())
    if state.version not in versions:
        known = f" Those that are: {', '.join(versions)}." if versions else ""
        raise Refused(
            f"The templates of fastgen {state.version}, which made this project, are not in the"
            " archive of released versions.",
            f"Set `fastgen` in `.fastgen.toml` to the release nearest to it.{known}",
        )
    return render_archived(state.version, versions[state.version], state_files(state))
