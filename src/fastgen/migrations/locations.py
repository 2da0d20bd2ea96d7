"""The folders in which Alembic looks for revisions."""

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from fastgen.errors import Refused

HOME = "migrations"
"""The folder of the environment of Alembic, with `env.py`."""
HOME_KEY = "script_location"
FOLDERS_KEY = "version_locations"
Settings = Mapping[str, object]


def revision_folders(root: Path, own: str) -> list[Path]:
    """The folder of the migrations, and those that the settings of Alembic add to it.

    Args:
        root: the project.
        own: the folder that new revisions go to.

    Raises:
        Refused: a setting names another folder of the migrations, or something else than folders
            of the project.
    """
    found = [root / HOME, root / own]  # which may be a link
    for file, settings in _settings(root):
        home = str(settings.get(HOME_KEY) or HOME)
        if _folder(root, home).resolve() != (root / HOME).resolve():
            raise Refused(
                f"`{file}` sets `{HOME_KEY}` to another folder than `{HOME}`.",
                f"Move the migrations to `{HOME}`, and set it to `%(here)s/{HOME}`.",
            )
        folders = [_folder(root, part) for part in _parts(settings.get(FOLDERS_KEY))]
        resolved = [folder.resolve() for folder in folders]
        is_inside = all(
            folder.is_dir() and folder.is_relative_to(root.resolve()) for folder in resolved
        )
        if not is_inside or (resolved and (root / own).resolve() not in resolved):
            raise Refused(
                f"`{file}` sets `{FOLDERS_KEY}` to folders that fastgen cannot follow.",
                f"List existing folders of the project there, one of them `%(here)s/{own}`.",
            )
        found += folders
    return found


def _folder(root: Path, text: str) -> Path:
    return root / text.replace("%(here)s", str(root))


def _parts(value: object) -> list[str]:
    """The folders of a setting. Its separators depend on others; no folder has them in its name."""
    texts = value if isinstance(value, list) else [value or ""]
    return [part for text in texts for part in re.split(r"[\s,;:]+", str(text)) if part]


def _settings(root: Path) -> Iterator[tuple[str, Settings]]:
    try:
        if (path := root / "pyproject.toml").is_file():
            document = tomllib.loads(path.read_text("utf-8"))
            yield path.name, {**document.get("tool", {}).get("alembic", {})}
        if (path := root / "alembic.ini").is_file():
            parser = configparser.ConfigParser(interpolation=None, strict=False)
            parser.read_string(path.read_text("utf-8"))
            yield path.name, dict(parser["alembic"]) if parser.has_section("alembic") else {}
    except (OSError, ValueError, TypeError, AttributeError, configparser.Error):
        raise Refused(f"`{path.name}` cannot be read.", "Correct it first.") from None
