"""`fastgen doctor`: nothing on a fresh project, and one finding for each thing that is broken."""

import shutil
import socket
from pathlib import Path

import pytest

from fastgen import __version__
from fastgen.changes import Change
from fastgen.diagnosis import diagnose
from fastgen.middleware.catalogue import known
from fastgen.project.extras import all_extras
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names, with_needs
from fastgen.transaction.journal import write_journal
from tests.overlay_templates import git
from tests.support import abandoned, fastgen, generate, snapshot

STATE = ".fastgen.toml"
ITEMS = ".fastgen/operations/router-items.toml"
MIDDLEWARE = "app/middleware/__init__.py"
ROUTERS = "app/api/v1/router.py"
SETTINGS = "app/settings.py"
CONFLICT = "<<<<<<< ours\na\n||||||| base\n=======\nb\n>>>>>>> theirs\n"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("fresh"), patterns=["database"])


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "shop")
    return tmp_path / "shop"


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def only_finding(project: Path) -> tuple[str, str, str]:
    """The one finding: its name, its sentence and its hint."""
    (finding,) = diagnose(project)
    assert finding.summary.endswith(".")
    return finding.name, finding.summary, finding.hint


@pytest.mark.parametrize("patterns", ["none", "database", "all"])
def test_nothing_is_wrong_with_a_new_project(tmp_path: Path, patterns: str) -> None:
    assert fastgen("new", "shop", "--with", patterns, "--yes", cwd=tmp_path).code == 0
    before = snapshot(tmp_path / "shop")

    result = fastgen("doctor", cwd=tmp_path / "shop" / "app")

    assert (result.code, result.out) == (0, "Nothing is wrong with this project.\n")
    assert snapshot(tmp_path / "shop") == before


def test_nothing_is_wrong_with_a_project_that_has_everything(tmp_path: Path) -> None:
    operations = [
        *EXAMPLES,
        Operation("router", "orders", {"fields": ("item:ref(items)",)}),
        *(Operation("middleware", name) for name in (*known(), "audit")),
        *(Operation("extra", extra.name) for extra in all_extras()),
    ]

    assert [*diagnose(generate(tmp_path, patterns=names(), operations=operations))] == []


def test_outside_of_a_project(tmp_path: Path) -> None:
    result = fastgen("doctor", "--json", cwd=tmp_path)

    assert (result.code, result.document["data"]) == (4, [])
    assert result.document["error"]["code"] == "not_a_project"


def test_findings_are_shown_with_a_way_out(project: Path) -> None:
    (project / "AGENTS.md").unlink()
    (project / "app" / "main.py").unlink()

    plain, document = fastgen("doctor", cwd=project), fastgen("doctor", "--json", cwd=project)

    assert (plain.code, document.code, document.document["exit_code"]) == (1, 1, 1)
    found = document.document["data"]
    assert [each["summary"] for each in found] == [
        "`AGENTS.md` is missing.",
        "`app/main.py` is missing.",
    ]
    assert all(each.keys() == {"name", "summary", "hint"} for each in found)
    assert plain.out == "".join(
        f"{each['name']}: {each['summary']}\n  hint: {each['hint']}\n" for each in found
    )


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        (STATE, "schema = 2", "schema = 3", "was written by another version of fastgen"),
        (STATE, "[answers]", CONFLICT, "has unresolved merge conflicts"),
        (STATE, '["database"]', '["database", "evil"]', "`evil` is not a known pattern"),
        (ITEMS, "price:decimal", "price:evil", "is damaged"),
    ],
)
def test_the_state(project: Path, path: str, before: str, after: str, message: str) -> None:
    replace(project / path, before, after)

    name, summary, hint = only_finding(project)

    assert (name, message in summary, hint != "") == ("state", True, True)


@pytest.mark.parametrize("pattern", names())
def test_a_pattern_that_the_state_lacks(tmp_path: Path, pattern: str) -> None:
    project = generate(tmp_path, patterns=(pattern,))
    written = ", ".join(f'"{name}"' for name in with_needs([pattern]))
    left = ", ".join(f'"{name}"' for name in with_needs([pattern]) if name != pattern)
    if pattern == "queue":
        replace(project / STATE, 'queue = "procrastinate"\n', "")
    replace(project / STATE, f"[{written}]", f"[{left}]")

    result = fastgen("doctor", "--json", cwd=project)

    lacking = [each["summary"] for each in result.document["data"] if each["name"] == "state"]
    assert lacking == [f"`{STATE}` lacks the pattern `{pattern}`, whose files are there."]


def test_a_version_that_was_not_released(project: Path) -> None:
    replace(project / STATE, f'"{__version__}"', '"0.0.1"')

    name, summary, hint = only_finding(project)

    assert (name, "0.0.1" in summary, hint != "") == ("version", True, True)


def test_a_file_that_is_missing_comes_back(project: Path) -> None:
    content = (project / "app" / "main.py").read_bytes()
    (project / "app" / "main.py").unlink()

    name, summary, hint = only_finding(project)

    assert (name, summary) == ("missing-file", "`app/main.py` is missing.")
    (project.parent / "again").mkdir()
    command = hint.split("`")[1].partition("&& fastgen ")[2].split()
    assert fastgen(*command, cwd=project).code == 0
    assert (project / hint.split("`")[3]).read_bytes() == content


def test_a_file_that_was_renamed(project: Path) -> None:
    (project / "app" / "main.py").rename(project / "app" / "asgi.py")
    importers = {each.summary.split("`")[1] for each in diagnose(project)}
    assert "tests/api/test_health.py" in importers
    for path in importers:
        replace(project / path, "app.main", "app.asgi")

    assert [*diagnose(project)] == []


def test_a_package_that_was_renamed(project: Path) -> None:
    (project / "app" / "middleware").rename(project / "app" / "asgi")
    (project / "app" / "db").rename(project / "app" / "storage")
    for path in project.rglob("*.py"):
        text = path.read_text("utf-8").replace("app.middleware", "app.asgi")
        path.write_text(text.replace("app.db", "app.storage"), "utf-8")

    assert [each for each in diagnose(project) if each.name == "missing-file"] == []


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        ("import app.gone", "imports `app.gone` in line 2, but there is no such module."),
        ("from app.gone import one, two",
         "imports `app.gone` in line 2, but there is no such module."),
        ("from app import gone",
         "imports `gone` from `app` in line 2, but nothing there has that name."),
        ("from .gone import one", "imports `app.gone` in line 2, but there is no such module."),
        ("def f():\n    from app.main import gone",
         "imports `gone` from `app.main` in line 3, but nothing there has that name."),
    ],
)  # fmt: skip
def test_an_import_of_what_is_not_there(project: Path, code: str, summary: str) -> None:
    (project / "app" / "own.py").write_text(f'"""Own."""\n{code}\n')

    name, found, hint = only_finding(project)

    assert (name, found, "Take the import out" in hint) == (
        "import",
        f"`app/own.py` {summary}",
        True,
    )
    assert fastgen("doctor", cwd=project).code == 1


@pytest.mark.parametrize(
    "code",
    [
        "import app.main, app.core.config as config, gone",
        "from app import api, core, main",
        "from app.core import config",
        "from app.main import app, create_app, __name__",
        "from app.open import anything",
        "from app.star import anything",
        "from app.made import anything",
        "from app.broken import anything",
        "from app.compiled import anything",
        "try:\n    import app.gone\nexcept ImportError:\n    gone = None",
        "with suppress(ImportError):\n    import app.gone",
    ],
)
def test_an_import_of_what_may_be_there(project: Path, code: str) -> None:
    for name, text in {
        "open": "def __getattr__(name): ...",
        "star": "from os import *",
        "made": "globals()['anything'] = 1",
        "broken": "def",
    }.items():
        (project / "app" / f"{name}.py").write_text(f"{text}\n")
    (project / "app" / "compiled.cpython-313.so").touch()
    (project / "app" / "own.py").write_text(f"{code}\n")

    assert [*diagnose(project)] == []


def test_what_a_removed_pattern_leaves_is_found(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=["queue"])
    (project / "app" / "tasks" / "own.py").write_text("from app.tasks import tasks\n")
    fastgen("remove", "pattern", "queue", cwd=project)

    name, summary, _ = only_finding(project)

    assert (name, "`app/tasks/own.py` imports `tasks` from `app.tasks`" in summary) == (
        "import",
        True,
    )


def test_several_heads(project: Path) -> None:
    first = next((project / "migrations" / "versions").glob("*items*.py"))
    text = first.read_text("utf-8")
    revision = first.name.partition("_")[0]
    first.with_name("0123456789ab_other.py").write_text(text.replace(revision, "0123456789ab"))

    name, summary, hint = only_finding(project)

    assert name == "migrations"
    assert "have two heads" in summary
    assert "alembic merge heads" in hint


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (MIDDLEWARE, "return [", "return settings and ["),
        (SETTINGS, "class Settings(CoreSettings, ", "class Settings(type(CoreSettings()), "),
        (ROUTERS, "APIRouter()", "APIRouter()\nraise SystemExit"),
    ],
)
def test_a_list_that_cannot_be_edited(project: Path, path: str, before: str, after: str) -> None:
    replace(project / path, before, after)

    name, summary, hint = only_finding(project)

    assert (name, f"to `{path}`" in summary, "`git log" in hint) == ("list", True, True)


def test_a_setting_that_the_example_lacks(project: Path) -> None:
    replace(project / ".env.example", "MAX_BODY_BYTES=10485760\n", "")

    name, summary, hint = only_finding(project)

    assert (name, "lacks `MAX_BODY_BYTES`" in summary) == ("settings", True)
    assert "`MAX_BODY_BYTES=`" in hint


def test_a_setting_that_no_class_has(project: Path) -> None:
    with (project / ".env.example").open("a") as file:
        file.write("SHOP_COLOUR=red\n")

    name, summary, _ = only_finding(project)

    assert (name, "has `SHOP_COLOUR`" in summary) == ("settings", True)


def test_settings_of_people(project: Path) -> None:
    (project / "app" / "shipping.py").write_text(
        "from pydantic import Field\nfrom pydantic_settings import BaseSettings\n"
        "class Shipping(BaseSettings):\n"
        '    model_config = {"env_prefix": "unused"}\n'
        '    carrier: str = Field("post", validation_alias="CARRIER_NAME")\n'
        "    limits: dict[str, int]\n"
        '    other: str = "1"\n'
    )
    with (project / ".env.example").open("a") as file:
        file.write("CARRIER_NAME=post\nexport LIMITS=\nLIMITS__WEIGHT=3\n# OTHER=1\n")

    assert [*diagnose(project)] == []


@pytest.mark.parametrize(
    "block",
    ["if True:", "def settings():", "try:\n    pass\nexcept ImportError:", "match 1:\n  case 1:"],
)
def test_a_class_of_settings_in_a_block(project: Path, block: str) -> None:
    (project / "app" / "own.py").write_text(
        "from pydantic_settings import BaseSettings\n"
        f"{block}\n"
        "    class Own(BaseSettings):\n"
        "        depth: int\n"
    )

    _, summary, _ = only_finding(project)

    assert "lacks `DEPTH`, a setting of `app/own.py`" in summary


@pytest.mark.parametrize(
    ("version", "found"), [("3.9.2", 1), ("3.10.0", 1), ("3.11.0", 0), ("3.14.1", 0)]
)
def test_an_old_python(project: Path, version: str, found: int) -> None:
    (project / ".venv").mkdir()
    (project / ".venv" / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")

    findings = [*diagnose(project)]

    assert [each.name for each in findings] == ["python"] * found
    assert all("python3.11 -m venv" in each.hint for each in findings)


@pytest.mark.parametrize("marker", ["<<<<<<< yours", "||||||| before", ">>>>>>> fastgen"])
def test_a_marker_that_is_left_of_a_conflict(project: Path, marker: str) -> None:
    with (project / "README.md").open("a") as file:
        file.write(f"{marker}\n")
    line = len((project / "README.md").read_text().splitlines())

    name, summary, _ = only_finding(project)

    assert (name, f"conflict in line {line}." in summary) == ("conflict", True)


@pytest.mark.parametrize("path", ["README.md", "docs/own.md", ".github/workflows/ci.yml"])
def test_an_unresolved_conflict(project: Path, path: str) -> None:
    with (project / path).open("a") as file:
        file.write(CONFLICT)

    name, summary, hint = only_finding(project)

    assert (name, f"`{path}` has an unresolved conflict" in summary) == ("conflict", True)
    assert f"`git add {path}`" in hint


def test_an_interrupted_edit_is_finished_by_its_hint(project: Path) -> None:
    folder = abandoned(project, "-edit")
    write_journal(project, folder, [Change("README.md", "# New\n")])

    name, _, hint = only_finding(project)

    assert name == "interrupted-edit"
    assert fastgen(*hint.split("`")[1].split()[1:], cwd=project).code == 0
    assert [*diagnose(project)] == []
    assert not folder.exists()
    assert (project / "README.md").read_text() == "# New\n"


@pytest.mark.parametrize(
    ("setting", "scheme"), [("DATABASE_URL", "postgresql"), ("TASK_BROKER_URL", "amqp")]
)
def test_servers(project: Path, setting: str, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses connections
        open_port, closed_port = (each.getsockname()[1] for each in (server, closed))
        (project / ".env").write_text(
            f"{setting}={scheme}://u:secret@127.0.0.1:{closed_port}/shop\n"
            f"REDIS_URL=redis://127.0.0.1:{open_port}/0\n"
        )

        name, summary, hint = only_finding(project)

    assert name == "server"
    assert f"`{setting}` in `.env`, `127.0.0.1:{closed_port}`, does not answer" in summary
    assert "secret" not in summary + hint
    (project / ".env").write_text("DATABASE_URL=sqlite:///app.db\nREDIS_URL=\n")
    assert [*diagnose(project)] == []


def test_a_finding_names_the_commit_that_has_the_file(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "first")
    (project / "app" / "main.py").unlink()

    assert "`git checkout HEAD -- app/main.py`" in only_finding(project)[2]
