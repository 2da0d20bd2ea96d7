"""Reads and writes the index of git: conflicts, and files that a sparse checkout leaves out.

The files on the disk are what counts: without git, or if it does not answer, nothing happens.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from fastgen.changes import Conflicted
from fastgen.errors import Refused
from fastgen.programs import ask, run_program


def check_checked_out(root: Path, paths: Collection[str]) -> None:
    """Make sure that missing files were deleted, and not left out by a sparse checkout.

    Args:
        root: the project.
        paths: of files and folders that it may lack.

    Raises:
        Refused: a file was left out.
    """
    for entry in _ask(root, ["ls-files", "-t", "-z"], paths):
        tag, _, path = entry.partition(" ")
        if tag == "S" and not os.path.lexists(root / path):
            raise Refused(
                f"`{path}` is left out by the sparse checkout.",
                "Check out the whole project first, for example with `git sparse-checkout "
                "disable`.",
            )


def mark_unmerged(root: Path, files: Sequence[Conflicted]) -> None:
    """Show files with conflicts as unmerged in the index, if the project is in a repository.

    Nothing goes from the index that is nowhere else: files that are unmerged already, or staged
    with another content, stay as they are. So do files that git ignores, and those whose changes
    it has been told to ignore.
    """
    entries = _index_entries(root, [file.path for file in files])
    if not entries:
        return
    staged = {*_ask(root, ["diff", "--cached", "--name-only", "--relative", "-z"], entries)}
    prefix = _feed(["rev-parse", "--show-prefix"], root, b"").decode().removesuffix("\n")
    lines = []
    for file in files:
        mode, blob = entries.get(file.path, ("", ""))
        if not mode:
            continue
        contents = (file.base, file.ours, file.theirs)
        blobs = [_write_blob(root, file.path, each) for each in contents]
        if None in blobs or (file.path in staged and blob != blobs[1]):
            continue
        nothing = "0" * max(len(each or "") for each in blobs)  # SHA-256 has longer names
        lines.append(f"0 {nothing}\t{prefix}{file.path}\n")
        lines += [
            f"{mode} {each} {stage}\t{prefix}{file.path}\n"
            for stage, each in enumerate(blobs, start=1)
            if each
        ]
    _feed(["update-index", "--index-info"], root, "".join(lines).encode())


def _index_entries(root: Path, paths: Collection[str]) -> dict[str, tuple[str, str]]:
    """The mode and the blob of each regular file that may be marked as unmerged."""
    found: dict[str, tuple[str, str]] = {}
    command = ["ls-files", "-v", "--stage", "--others", "--exclude-standard", "-z"]
    for entry in _ask(root, command, paths):
        tracked, _, path = entry.rpartition("\t")
        if not tracked:
            found[path.removeprefix("? ")] = ("100644", "")
            continue
        tag, mode, blob, stage = tracked.split()
        # Other tags: `--skip-worktree` (S), `--assume-unchanged` (h), or both (s).
        if tag == "H" and stage == "0" and mode.startswith("100"):
            found[path] = (mode, blob)
    return found


def _write_blob(root: Path, path: str, content: bytes | None) -> str | None:
    """The blob of a content as git would add it; empty if there is none, None if git fails."""
    if content is None:
        return ""
    command = ["hash-object", "-w", "--stdin", f"--path={path}"]
    return _feed(command, root, content).decode().strip() or None


def _ask(root: Path, command: Sequence[str], paths: Collection[str]) -> Iterator[str]:
    """The entries of git for these paths."""
    if paths and (git := shutil.which("git")):
        literal = (f":(literal){path}" for path in paths)
        yield from ask([git, *command, "--", *literal], root).stdout.split("\0")[:-1]


def _feed(command: Sequence[str], folder: Path, text: bytes) -> bytes:
    git = shutil.which("git") or "git"
    try:
        code, output = run_program(
            [git, *command], folder, variables={}, timeout=None, content=text
        )
    except OSError:
        return b""
    return b"" if code else output
