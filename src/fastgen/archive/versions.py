"""The archive: one compressed file with the files of every released version.

A content that several versions have is stored once, and the contents of one path follow each
other, so that a further version adds little more than what it has changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastgen.errors import EnvironmentFault

Versions = Mapping[str, "ArchivedVersion"]
"""By their numbers, the oldest first."""


@dataclass(frozen=True, slots=True)
class Example:
    """A project that a version has rendered when it was released."""

    state: str
    """Its state, in one text."""
    hash: str
    """The hash of its files."""


@dataclass(frozen=True, slots=True)
class ArchivedVersion:
    """A released version."""

    files: Mapping[str, bytes]
    """The package `fastgen` with its templates, without what does not render."""
    examples: Sequence[Example] = ()


def archive_file() -> Path:
    """Path of the installed fastgen's archive; there is none before the first release."""
    return Path(__file__).with_name("versions.xz")


def read_archive(path: Path) -> Versions:
    """The versions in an archive; none if there is no file.

    Raises:
        EnvironmentFault: it is damaged, or this Python cannot decompress it.
    """
    if not path.exists():
        return {}
    try:
        import lzma  # inside: only projects of other versions need it

        document = json.loads(lzma.decompress(path.read_bytes()))
        return {number: _version(row, document["contents"]) for number, row in document["versions"]}
    except ImportError:
        raise EnvironmentFault(
            "This Python has no module `lzma`, which the older templates are compressed with.",
            "Install fastgen with a Python that has it.",
        ) from None
    except (KeyError, IndexError, TypeError, ValueError, EOFError, lzma.LZMAError):
        raise EnvironmentFault(f"`{path}` is damaged.", "Install fastgen again.") from None


def pack(versions: Versions) -> bytes:
    """The bytes of an archive; the same versions give the same bytes."""
    import lzma

    numbers: dict[bytes, int] = {}
    for path in sorted({path for version in versions.values() for path in version.files}):
        for version in versions.values():
            if path in version.files:
                numbers.setdefault(version.files[path], len(numbers))
    document = {
        "versions": [
            [
                number,
                {
                    "files": {path: numbers[version.files[path]] for path in sorted(version.files)},
                    "examples": [[each.state, each.hash] for each in version.examples],
                },
            ]
            for number, version in versions.items()
        ],
        "contents": [content.decode("utf-8", "surrogateescape") for content in numbers],
    }
    return lzma.compress(json.dumps(document).encode(), preset=9 | lzma.PRESET_EXTREME)


def _version(row: Mapping[str, Any], contents: Sequence[str]) -> ArchivedVersion:
    return ArchivedVersion(
        {
            path: contents[number].encode("utf-8", "surrogateescape")
            for path, number in row["files"].items()
        },
        [Example(state, digest) for state, digest in row["examples"]],
    )
