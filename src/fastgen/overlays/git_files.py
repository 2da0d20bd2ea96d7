"""Reads the files of a commit from a git repository, without a checkout.

The objects are read one by one, so that no hook, filter, submodule or link of the repository has
any effect.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen.errors import BadInput, EnvironmentFault, Refused
from fastgen.overlays.folder_files import FileContent, check_kind, check_limits
from fastgen.overlays.paths import check_template_path
from fastgen.overlays.source import PROTOCOLS, Source, shown_source
from fastgen.programs import run_program

TIMEOUT = 120.0
"""Seconds for one command of git."""

_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "credential.interactive=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=30",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
)
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": ":".join(PROTOCOLS),
    "GIT_ASKPASS": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
}
_RELEASE = re.compile(r"v[0-9]{1,9}|v?[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}")
_SUBMODULE = 0o160000


def read_commit(source: Source) -> tuple[str, dict[str, FileContent]]:
    """The commit that a source means, and its files.

    Raises:
        BadInput: the repository does not have the ref.
        EnvironmentFault: git is not installed.
        Refused: the repository does not answer, or has files that an overlay cannot have.
    """
    with _temporary_git(source) as git:
        commit = _fetch(git, source)
        return commit, _files(git, commit)


def newest_release(source: Source) -> str:
    """The tag of the newest release of a repository: `v1.2.0`; empty if there is none.

    Raises:
        EnvironmentFault: git is not installed.
        Refused: the repository does not answer.
    """
    with _temporary_git(source) as git:
        output = git.run("ls-remote", "--tags", "--refs", "--", source.url or str(source.folder))
        if output is None:
            raise _no_answer(source)
        names = [line.rpartition("refs/tags/")[2] for line in output.decode().splitlines()]
    return max(filter(is_release, names), key=_numbers, default="")


def is_release(ref: str) -> bool:
    """Whether a ref is a tag of a release, and not a branch or a commit."""
    return _RELEASE.fullmatch(ref) is not None


def _numbers(tag: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", tag)]


@contextmanager
def _temporary_git(source: Source) -> Iterator["_Git"]:
    program = shutil.which("git")
    if program is None:
        raise EnvironmentFault(
            f"The overlay `{source.shown}` needs git, which is not installed.", "Install git."
        )
    with TemporaryDirectory(prefix="fastgen-", ignore_cleanup_errors=True) as folder:
        try:
            yield _Git(program, Path(folder))
        except TimeoutError:
            raise _no_answer(source) from None


@dataclass(frozen=True, slots=True)
class _Git:
    """Runs git in a folder, with settings that are safe for any repository."""

    program: str
    folder: Path

    def run(self, *arguments: str, content: bytes = b"") -> bytes | None:
        """The output of a command; None, if it failed."""
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        command = [self.program, *settings, *arguments]
        code, output = run_program(
            command, self.folder, variables=_VARIABLES, timeout=TIMEOUT, content=content
        )
        return output if code == 0 else None


def _fetch(git: _Git, source: Source) -> str:
    """Fetch the ref of a source; its commit.

    Most refs are tags or branches, whose history is not needed. Any other needs all of it.
    """
    url = source.url or str(source.folder)
    clone = ("clone", "--quiet", "--bare", "--no-local", "--template=")
    at_ref = [f"--branch={source.ref}"] if source.ref else []
    if git.run(*clone, "--depth=1", *at_ref, "--", url, "shallow") is not None:
        commit = git.run("-C", "shallow", "rev-parse", "--verify", "HEAD^{commit}")
        if commit is not None:
            (git.folder / "shallow").rename(git.folder / "repository")
            return commit.decode().strip()
    if git.run(*clone, "--", url, "repository") is None:
        raise _no_answer(source)
    ref = source.ref or "HEAD"
    commit = git.run("-C", "repository", "rev-parse", "--verify", f"{ref}^{{commit}}")
    if commit is None:
        raise BadInput(
            f"The git repository `{source.shown}` does not have `{ref}`.",
            "Name a tag, a branch or a commit that it has.",
        )
    return commit.decode().strip()


def _no_answer(source: Source) -> Refused:
    address = shown_source(source.url) if source.url else source.folder
    return Refused(
        f"The git repository `{source.shown}` did not answer.",
        f"Check the address and your access with `git ls-remote {address}`.",
    )


def _files(git: _Git, commit: str) -> dict[str, FileContent]:
    listing = git.run("-C", "repository", "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    entries = list(_entries(_complete(listing)))
    check_limits(len(entries), sum(entry.size for entry in entries))
    request = "".join(f"{entry.object_id}\n" for entry in entries).encode()
    output = _complete(git.run("-C", "repository", "cat-file", "--batch", content=request))
    found = {}
    end = 0
    for entry in entries:
        start = output.index(b"\n", end) + 1  # behind `ID blob SIZE`
        end = start + entry.size
        found[entry.path] = FileContent(output[start:end], entry.executable)
        end += 1  # a line end
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    object_id: str
    size: int
    executable: bool


def _entries(listing: bytes) -> Iterator[_Entry]:
    for line in listing.split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        try:
            path = name.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(f"The file name {name!r} is not UTF-8.", "Rename it.") from None
        mode_text, _, object_id, size = head.decode().split()
        mode = int(mode_text, 8)
        if mode == _SUBMODULE:
            raise Refused(f"`{path}` is a submodule.", "Put its files into the repository.")
        check_kind(path, mode)
        check_template_path(path)
        yield _Entry(path, object_id, int(size), bool(mode & 0o100))


def _complete(output: bytes | None) -> bytes:
    if output is None:
        raise Refused("The git repository is damaged.", "Check it with `git fsck`.")
    return output
