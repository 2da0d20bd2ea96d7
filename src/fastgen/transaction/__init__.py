"""The only package that writes into projects."""

from fastgen.transaction.project_edits import apply, editing, inside
from fastgen.transaction.staging import (
    check_target,
    clear_leftovers,
    interrupted_edits,
    set_executable,
    staging,
    write,
    write_secret,
)

__all__ = [
    "apply",
    "check_target",
    "clear_leftovers",
    "editing",
    "inside",
    "interrupted_edits",
    "set_executable",
    "staging",
    "write",
    "write_secret",
]
