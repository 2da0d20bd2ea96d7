"""The released versions of fastgen, as far as they render projects: templates and code.

A version renders a project of its own time exactly as it did then, whatever the installed
version has changed since. `fastgen update` needs that as the base of its merge.
"""

from fastgen.archive.render_archived import render_archived, rendering
from fastgen.archive.versions import ArchivedVersion, Example, archive_file, pack, read_archive

__all__ = [
    "ArchivedVersion",
    "Example",
    "archive_file",
    "pack",
    "read_archive",
    "render_archived",
    "rendering",
]
