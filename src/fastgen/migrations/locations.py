"""The folders in which Alembic looks for revisions."""

import configparser
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from fastgen.errors import Refused

KEY = "version_locations"


def revision_folders(root: Path, own: str) -> list[Path]:
    """The folder of the migrations, and those that the settings of Alembic add to it.

    Args:
        root: the project.
        own: the folder that new revisions go to.

    Raises:
        Refused: a setting names something else than folders of the project.
    """
    found = [root / "migrations"]
    for file, locations in _settings(root):
        # Separators depend on the settings; a part that is not a folder is refused.
        folders = [
            root / part.replace("%(here)s", str(root))
            for location in locations
            for part in re.split(r"[\s,;:]+", location)
            if part
        ]
        resolved = [folder.resolve() for folder in folders]
        is_inside = all(
            folder.is_dir() and folder.is_relative_to(root.resolve()) for folder in resolved
        )
        if not is_inside or (resolved and (root / own).resolve() not in resolved):
            raise Refused(
                f"`{file}` sets `{KEY}` to folders that fastgen cannot follow.",
                f"List existing folders of the project there, one of them `%(here)s/{own}`.",
            )
        found += folders
    return found


def _settings(root: Path) -> Iterator[tuple[str, list[str]]]:
    try:
        if (path := root / "pyproject.toml").is_file():
            document = tomllib.loads(path.read_text("utf-8"))
            value = document.get("tool", {}).get("alembic", {}).get(KEY, [])
            yield path.name, [value] if isinstance(value, str) else [str(each) for each in value]
        if (path := root / "alembic.ini").is_file():
            parser = configparser.ConfigParser(interpolation=None, strict=False)
            parser.read_string(path.read_text("utf-8"))
            yield path.name, [parser.get("alembic", KEY, fallback="")]
    except (OSError, ValueError, TypeError, AttributeError, configparser.Error):
        raise Refused(f"`{path.name}` cannot be read.", "Correct it first.") from None
