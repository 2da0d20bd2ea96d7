"""The source of an overlay: a folder, or a git repository at a ref."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from fastgen.errors import BadInput, Refused

PROTOCOLS = ("https", "http", "ssh", "git", "file")
"""Protocols of git that run no program of the repository's choice."""

_ALIASES = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
_SCP = re.compile(r"(?P<host>(?:[^@:/\s]+@)?[^@:/\\\s]{2,}):(?!:)(?P<path>.+)", re.DOTALL)
_REF = re.compile(r"[^\s\x00-\x1f\x7f:?*\[\\^~-][^\s\x00-\x1f\x7f:?*\[\\]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder or a git repository, and the ref that was asked for."""

    shown: str
    """Its name in messages, without credentials."""
    ref: str = ""
    folder: Path | None = None
    """A folder on this machine; with `is_git`, a repository."""
    url: str = ""
    """The URL for git; it may have credentials."""
    is_git: bool = False

    def recorded(self, root: Path) -> str:
        """Its name in the state of the project in `root`.

        Raises:
            Refused: the folder is on another drive.
        """
        if self.folder is None:
            return self.shown
        try:
            return Path(os.path.relpath(self.folder, root)).as_posix()
        except ValueError:
            raise Refused(
                f"The overlay `{self.shown}` is on another drive than the project.",
                "Copy it to the drive of the project, or take it from a git server.",
            ) from None


def parse_source(text: str, base: Path) -> Source:
    """The source that `SOURCE[@REF]` means; `base` is where a relative path starts.

    Raises:
        BadInput: it is neither a folder nor a URL for git.
    """
    if not text.strip() or text.startswith("-") or not text.isprintable():
        raise BadInput("The source of an overlay is not usable.", "Name a folder or a git URL.")
    plain = text.removeprefix("git+")
    if found := _local(plain, base):
        return replace(found, is_git=True) if text != plain else found
    if plain.startswith("file://"):
        return _from_file_url(plain)
    for alias, server in _ALIASES.items():
        if text.startswith(alias):
            name, ref = _split(text.removeprefix(alias))
            url = f"{server}{name.strip('/').removesuffix('.git')}.git"
            return Source(shown=f"{alias}{name}", ref=ref, url=url, is_git=True)
    scheme, separator, rest = plain.partition("://")
    if separator:
        return _from_url(text, scheme, rest)
    if match := _SCP.fullmatch(plain):
        path, ref = _split(match["path"])
        url = f"{match['host']}:{path}"
        return Source(shown=url, ref=ref, url=url, is_git=True)
    raise BadInput(
        f"The overlay `{text}` does not exist.", "Name a folder that exists, or a git URL."
    )


def shown_source(text: str) -> str:
    """`SOURCE[@REF]` without the credentials of a URL."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{_without_credentials(scheme, authority)}{slash}{path.partition('?')[0]}"


def _local(text: str, base: Path) -> Source | None:
    """A folder; what follows any `@` may be a ref."""
    path = _folder(text, base)
    if path is not None:
        return Source(shown=text, folder=path, is_git=_is_bare_repository(path))
    for match in reversed(list(re.finditer("@", text))):
        path = _folder(text[: match.start()], base)
        if path is not None:
            ref = _checked_ref(text[match.end() :])
            return Source(shown=text[: match.start()], ref=ref, folder=path, is_git=True)
    return None


def _folder(text: str, base: Path) -> Path | None:
    path = base / Path(text).expanduser() if text else None
    try:
        return path.resolve() if path is not None and path.is_dir() else None
    except OSError:  # the name is too long to be one
        return None


def _is_bare_repository(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def _from_file_url(url: str) -> Source:
    """A repository on this machine: like its folder, but always read by git."""
    path, ref = _split(urlsplit(url).path)
    folder = Path(url2pathname(path))
    if urlsplit(url).netloc not in ("", "localhost") or not folder.is_dir():
        raise BadInput("The overlay of a `file://` URL does not exist.", "Name its folder instead.")
    return Source(shown=f"file://{path}", ref=ref, folder=folder.resolve(), is_git=True)


def _from_url(text: str, scheme: str, rest: str) -> Source:
    if scheme not in PROTOCOLS:
        raise BadInput(
            f"The overlay `{shown_source(text)}` has a protocol that is not supported.",
            f"Use one of {', '.join(f'`{name}://`' for name in PROTOCOLS)}.",
        )
    authority, slash, path = rest.partition("/")
    path, ref = _split(path)
    if not authority or not path:
        raise BadInput(f"The overlay `{shown_source(text)}` names no repository.", "Add its path.")
    url = f"{scheme}://{authority}{slash}{path}"
    prefix = "git+" if text.startswith("git+") else ""
    return Source(shown=prefix + shown_source(url), ref=ref, url=url, is_git=True)


def _without_credentials(scheme: str, authority: str) -> str:
    """The host; the user of SSH is a part of the address, that of HTTP may be a token."""
    user, at, host = authority.rpartition("@")
    if scheme.endswith("ssh") and at:
        return f"{user.partition(':')[0]}@{host}"
    return host


def _split(text: str) -> tuple[str, str]:
    """A path, and the ref behind it: `.git@` separates them, or else the last `@`."""
    path, ending, ref = text.partition(".git@")
    if ending:
        return f"{path}.git", _checked_ref(ref)
    path, at, ref = text.rpartition("@")
    return (path, _checked_ref(ref)) if at else (text, "")


def _checked_ref(ref: str) -> str:
    if not _REF.fullmatch(ref):
        raise BadInput(
            f"`{ref}` is not a ref of git.", "Name a tag, a branch or a commit behind the `@`."
        )
    return ref
