"""Packs a project as a zip: the same project gives the same bytes."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from fastgen.web.rendered_project import Project

UNIX = 3
_MODE = 0o100644 << 16


def packed(name: str, project: Project) -> bytes:
    """The zip of a project, with one folder of its name."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for path, file in project.files.items():
            entry = ZipInfo(f"{name}/{path}")  # of the year 1980, as nothing else is known
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = UNIX
            entry.external_attr = _MODE
            archive.writestr(entry, file.content)
    return buffer.getvalue()
