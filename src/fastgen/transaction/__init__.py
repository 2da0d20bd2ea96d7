"""The only package that writes into projects."""

from fastgen.transaction.leftovers import check_leftovers, clear_leftovers, interrupted_edits
from fastgen.transaction.project_edits import apply, editing
from fastgen.transaction.project_paths import inside
from fastgen.transaction.staging import (
    check_target,
    set_executable,
    staging,
    write,
    write_secret,
)

__all__ = [
    "apply",
    "check_leftovers",
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
