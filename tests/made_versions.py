"""Later versions of fastgen, made up for tests of `fastgen update`.

Each is a folder like a checkout, with changed templates and code, and with an archive of the
versions before it. The project of the first one, which is this checkout, is updated by them.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastgen import __version__
from fastgen.archive import ArchivedVersion, archive_file, pack, read_archive
from release.cut_archive import ARCHIVE, archived
from tests.support import ROOT, Result, fastgen

EARLIER, SECOND, THIRD = "0.0.1", "90.0.0", "90.1.0"
FULL_NAME = 'Column("full_name", short_text(200)'
LONGER_NAME = 'Column("full_name", short_text(220), nullable=False'

_ROLE = 'Column("role", Choice("user", "admin", name="role"), nullable=False),\n        '
_ROLE_WITH_GUEST = _ROLE.replace('"admin"', '"admin", "guest"')
_KEY_OF_API = 'Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),\n'
_KEY_OF_API += '        Column("name"'
CONSTRAINTS_OF_USERS = (
    # A word more, in two tables.
    (f'{_ROLE}Column("is_active"', f'{_ROLE_WITH_GUEST}Column("is_active"'),
    (f'{_ROLE}Column("scope"', f'{_ROLE_WITH_GUEST}Column("scope"'),
    # A column that becomes unique, one that is not so any more, and another unique constraint.
    (
        '"prefix", short_text(16), nullable=False',
        '"prefix", short_text(16), nullable=False, unique=True',
    ),
    (
        '"digest", short_text(64), nullable=False, unique=True',
        '"digest", short_text(64), nullable=False',
    ),
    ('UniqueConstraint("issuer", "subject")', 'UniqueConstraint("subject", "email")'),
    # A foreign key with another action, and an index of other columns.
    (_KEY_OF_API, _KEY_OF_API.replace("CASCADE", "RESTRICT")),
    (
        '"ix_users_created_at", "users", ["created_at", "id"]',
        '"ix_users_created_at", "users", ["created_at"]',
    ),
)
"""Changed indexes and constraints in the migration of users, their sessions and API keys."""
CONSTRAINTS_OF_MODELS = (
    (
        "prefix: Mapped[str] = mapped_column(short_text(16))",
        "prefix: Mapped[str] = mapped_column(short_text(16), unique=True)",
    ),
    ("mapped_column(short_text(64), unique=True)", "mapped_column(short_text(64))"),
    ('UniqueConstraint("issuer", "subject")', 'UniqueConstraint("subject", "email")'),
    (
        'ondelete="CASCADE"), index=True)\n    name:',
        'ondelete="RESTRICT"), index=True)\n    name:',
    ),
    (
        'Index("ix_users_created_at", "created_at", "id")',
        'Index("ix_users_created_at", "created_at")',
    ),
)

_RUN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from fastgen.cli import main; main()"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", archive_file().name)


@dataclass(frozen=True)
class Installation:
    """A version of fastgen in a folder of its own."""

    folder: Path

    @property
    def program(self) -> list[str]:
        return [sys.executable, "-P", "-c", _RUN, str(self.folder / "src")]

    def fastgen(self, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Result:
        """Run its command line."""
        return fastgen(*arguments, cwd=cwd, env=env, program=self.program)

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace a text that a file of the version has once."""
        file = self.folder / path
        text = file.read_text("utf-8")
        assert text.count(before) == 1, (path, before)
        file.write_text(text.replace(before, after), "utf-8")

    def reword(self, path: str) -> None:
        """Change the first line of a file."""
        file = self.folder / path
        text = file.read_text("utf-8")
        file.write_text(text.replace(".", f", since {self.number}.", 1), "utf-8")

    def move(self, path: str, new: str) -> None:
        target = self.folder / new
        target.parent.mkdir(exist_ok=True)
        (self.folder / path).rename(target)

    @property
    def number(self) -> str:
        return self.folder.name


def second_version(parent: Path) -> Installation:
    """This checkout with a change of every kind."""
    made = _following(Installation(ROOT), __version__, parent / SECOND)
    core = "templates/core/app/core"
    made.reword(f"{core}/pagination.py")
    # A new setting.
    setting = '    host: str = "127.0.0.1"\n'
    made.edit(f"{core}/config.py", setting, f'{setting}    http_agent: str = "shop"\n')
    example = "templates/core/.env.example.jinja"
    made.edit(example, "HOST=127.0.0.1\n", "HOST=127.0.0.1\nHTTP_AGENT=shop\n")
    # A module that moves, and the hub that imports it.
    made.move(f"{core}/http_client.py", f"{core}/clients/http.py")
    package = made.folder / core / "clients" / "__init__.py"
    package.write_text('"""Clients of other services."""\n')
    made.edit(
        "src/fastgen/rendering/hubs.py",
        "from app.core.http_client import open_http_client",
        "from app.core.clients.http import open_http_client",
    )
    (made.folder / "templates/core/.editorconfig").unlink()
    # A new hub, and a file that two patterns make together.
    hub = "{% for name in patterns %}\n{{ name }}\n{% endfor %}\n"
    (made.folder / "templates/core/PATTERNS.jinja").write_text(hub)
    # Another requirement, which the code of fastgen has.
    made.edit("src/fastgen/rendering/hubs.py", '"anyio>=4.16"', '"anyio>=4.17"')
    # Resources: code, and a column more.
    made.reword("templates/resource/service.py.jinja")
    resource = "templates/patterns/database/resource"
    row = "{% for column in row_columns %}\n"
    rank = '        Column("rank", Integer, nullable=False, server_default="0"),\n'
    made.edit(f"{resource}/migration.py.jinja", row, rank + row)
    imports = '\nrevision = "{{ revision }}"\n'
    made.edit(
        f"{resource}/migration.py.jinja", imports, f"from sqlalchemy import Integer\n{imports}"
    )
    columns = "{% for column in model_columns %}\n"
    rank = '    rank: Mapped[int] = mapped_column(server_default="0", default=0)\n'
    made.edit(f"{resource}/model.py.jinja", columns, rank + columns)
    # Users: a longer column, and one that must not be null any more.
    users = "templates/patterns/auth/files"
    (migration,) = (made.folder / users / "migrations/versions").glob("*_add_users.py")
    made.edit(migration.relative_to(made.folder).as_posix(), FULL_NAME, LONGER_NAME)
    for before, after in CONSTRAINTS_OF_USERS:
        made.edit(migration.relative_to(made.folder).as_posix(), before, after)
    for before, after in CONSTRAINTS_OF_MODELS:
        made.edit(f"{users}/app/auth/models.py", before, after)
    made.edit(
        f"{users}/app/auth/models.py",
        "full_name: Mapped[str | None] = mapped_column(short_text(200))",
        'full_name: Mapped[str] = mapped_column(short_text(220), default="")',
    )
    admin = '    ADMIN = "admin"\n'
    made.edit(f"{users}/app/auth/principal.py", admin, f'{admin}    GUEST = "guest"\n')
    made.reword("templates/middleware/timing/timing.py")
    made.reword("templates/extras/metrics/files/docs/metrics.md")
    return made


def third_version(second: Installation) -> Installation:
    """The second version with changes of what it has brought, and of what it has left alone."""
    made = _following(second, SECOND, second.folder.parent / THIRD)
    core = "templates/core/app/core"
    made.reword(f"{core}/health.py")
    made.reword(f"{core}/clients/http.py")
    made.edit("templates/core/.env.example.jinja", "HTTP_AGENT=shop\n", "HTTP_AGENT=orders\n")
    made.edit(f"{core}/config.py", 'http_agent: str = "shop"', 'http_agent: str = "orders"')
    (made.folder / "templates/core/PATTERNS.jinja").unlink()
    return made


def earlier_version() -> ArchivedVersion:
    """This checkout without some of its changes: what it was before."""
    _, version = archived(ROOT)
    files = {
        path: content.decode("utf-8", "surrogateescape") for path, content in version.files.items()
    }
    core = "fastgen/_templates/core"
    changes = {
        "fastgen/__init__.py": (f'"{__version__}"', f'"{EARLIER}"'),
        "fastgen/rendering/hubs.py": ("app.core.http_client", "app.core.outgoing"),
        f"{core}/app/core/config.py": (
            "    contact_url: HttpUrl | None = None\n",
            "",
        ),
        f"{core}/.env.example.jinja": ("CONTACT_URL=\n", ""),
        f"{core}/app/core/pagination.py": (".", " before."),
        f"{core}/README.md.jinja": ("\n\n", "\n\nBefore.\n\n"),
        "fastgen/_templates/resource/service.py.jinja": (".", " before."),
    }
    for path, (now, before) in changes.items():
        assert now in files[path], path
        files[path] = files[path].replace(now, before, 1)
    del files[f"{core}/.editorconfig"]
    files[f"{core}/NOTES.md"] = "# Notes\n"
    files[f"{core}/app/core/outgoing.py"] = files.pop(f"{core}/app/core/http_client.py")
    return ArchivedVersion(
        {path: text.encode("utf-8", "surrogateescape") for path, text in files.items()}
    )


def archive_of(installation: Installation, number: str) -> bytes:
    """The archive of the installation with one version more: its own files, by that number."""
    found, version = archived(installation.folder)
    assert found == number
    return pack({**read_archive(installation.folder / ARCHIVE), number: version})


def _following(before: Installation, number: str, folder: Path) -> Installation:
    """A copy of a version with the next number, and with the version in its archive."""
    for part in ("src/fastgen", "templates"):
        shutil.copytree(before.folder / part, folder / part, ignore=_IGNORED)
    made = Installation(folder)
    made.edit("src/fastgen/__init__.py", f'"{number}"', f'"{made.number}"')
    (folder / ARCHIVE).write_bytes(archive_of(before, number))
    return made
