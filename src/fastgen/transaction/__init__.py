"""The only package that writes to a disk."""

from fastgen.transaction.edits import apply, editing
from fastgen.transaction.signals import interruptible
from fastgen.transaction.staging import (
    check_target,
    clear_leftovers,
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
    "interruptible",
    "set_executable",
    "staging",
    "write",
    "write_secret",
]
