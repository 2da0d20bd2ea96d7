"""`fastgen new --from`: the same project again, from its folder or from one file."""

import tomllib
from pathlib import Path

import pytest

from tests.overlay_templates import CI, HOUSE_RULES, commit_template, make_template
from tests.support import contents, fastgen, snapshot

STATE = """\
schema = 2
fastgen = "0.0.0"

[answers]
name = "store"
title = "Store"
description = ""
author = ""
patterns = []

[operations.router-orders]
kind = "router"
name = "orders"
fields = ["total:decimal:min=0"]
"""


FIELD_OF_NOTHING = """
[operations.field-sales-note]
kind = "field"
name = "sales.note"
field = "note:text"
[operations.router-orders]
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with patterns, and with an operation of every kind."""
    folder = tmp_path_factory.mktemp("from")
    options = ["--with=cache,queue", "--extra=metrics", "--author=Ann", "--no-git", "--yes"]
    assert fastgen("new", "shop", *options, cwd=folder).code == 0
    for command in (
        ["router", "orders", "--field=total:decimal", "--field=item:ref(items)"],
        ["middleware", "rate-limit"],
        ["middleware", "audit"],
    ):
        assert fastgen("add", *command, cwd=folder / "shop").code == 0
    return folder / "shop"


def in_one_file(project: Path, path: Path) -> Path:
    """Write the state of a project into one file."""
    tables = [
        f"[operations.{file.stem}]\n{file.read_text('utf-8')}"
        for file in sorted((project / ".fastgen" / "operations").iterdir())
    ]
    text = "\n".join([(project / ".fastgen.toml").read_text("utf-8"), *tables])
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("form", ["folder", "state file", "one file"])
def test_the_same_project(project: Path, tmp_path: Path, form: str) -> None:
    source = {
        "folder": project,
        "state file": project / ".fastgen.toml",
        "one file": in_one_file(project, tmp_path / "shop.toml"),
    }[form]

    result = fastgen("new", "--from", str(source), "--no-git", "--json", cwd=tmp_path)

    assert result.code == 0
    assert result.document["patterns"] == ["database", "cache", "queue"]
    assert contents(tmp_path / "shop") == contents(project)


def test_another_name(project: Path, tmp_path: Path) -> None:
    command = ["new", "shop-2", "--from", str(project), "--no-git"]
    assert fastgen(*command, cwd=tmp_path).code == 0

    def renamed(content: bytes) -> bytes:
        return content.replace(b"shop-2", b"shop").replace(b"shop_2", b"shop")

    again = contents(tmp_path / "shop-2")
    assert {path: renamed(text) for path, text in again.items()} == contents(project)


def test_a_field_that_was_added_later(project: Path, tmp_path: Path) -> None:
    fastgen("new", "shop", "--from", str(project), "--no-git", cwd=tmp_path)
    assert fastgen("add", "field", "orders", "note:text", cwd=tmp_path / "shop").code == 0

    assert fastgen("new", "again", "--from=shop", "--title=Again", cwd=tmp_path).code == 0

    operations = [tmp_path / name / ".fastgen" / "operations" for name in ("shop", "again")]
    assert contents(operations[1]) == contents(operations[0])
    assert "note:" in (tmp_path / "again" / "app" / "models" / "order.py").read_text("utf-8")


def test_options_win(project: Path, tmp_path: Path) -> None:
    options = ["--with=auth", "--extra=sentry", "--title=T", "--description=D", "--author=A"]

    result = fastgen("new", "other", "--from", str(project), *options, cwd=tmp_path)

    assert "`auth` needs `database`: it is included." in result.out
    state = tomllib.loads((tmp_path / "other" / ".fastgen.toml").read_text("utf-8"))
    assert state["answers"] == {
        "name": "other",
        "title": "T",
        "description": "D",
        "author": "A",
        "patterns": ["database", "auth"],
    }
    operations = {path.stem for path in (tmp_path / "other/.fastgen/operations").iterdir()}
    assert {"extra-metrics", "extra-sentry", "router-orders"} <= operations


def test_one_that_people_wrote(tmp_path: Path) -> None:
    (tmp_path / "store.toml").write_text(STATE)

    assert fastgen("new", "--from=store.toml", "--no-git", cwd=tmp_path).code == 0
    assert (
        fastgen("new", "plain", "--with=none", "--no-example", "--no-git", cwd=tmp_path).code == 0
    )
    plain = tmp_path / "plain"
    fastgen("add", "router", "orders", "--field=total:decimal:min=0", cwd=plain)

    path = Path("app", "models", "order.py")
    assert (tmp_path / "store" / path).read_text() == (plain / path).read_text()
    assert (
        fastgen("list", "routers", cwd=tmp_path / "store").out
        == fastgen("list", "routers", cwd=plain).out
    )


def test_a_dry_run_touches_nothing(project: Path, tmp_path: Path) -> None:
    before = snapshot(tmp_path)

    result = fastgen("new", "--from", str(project), "--dry-run", "--json", cwd=tmp_path)

    assert (result.code, result.document["status"]) == (0, "planned")
    assert {file["path"] for file in result.document["files"]} >= {"app/models/order.py"}
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("schema = 2", "schema = 3", "was written by another version of fastgen"),
        ("schema = 2", "", "does not describe a project: it has no `schema`"),
        ('"0.0.0"', '"99.0.0"', "was written by a newer version of fastgen"),
        ("patterns", "pattern", "is not a known key"),
        ("total:decimal", "total:evil", "is damaged"),
        ("[operations.router-orders]", "[operations.orders]", "the ID of the router `orders`"),
        ("[operations.router-orders]", "[further]", "`further` is not a known key"),
        ("[operations.router-orders]", "[operations]", "`kind` is not a table"),
        ('"Store"', f'"{"x" * 201}"', "the maximum is 200"),
        ("patterns = []", 'patterns = []\nqueue = "celery"', "`queue` is not chosen.\n"),
        ("[operations.router-orders]", FIELD_OF_NOTHING, "no router `sales` for the field"),
        ("schema = 2", "<<<<<<< ours", "has unresolved merge conflicts"),
        ('name = "orders"', 'name = "orders"\nsingular = "base"', "is damaged: `orders` cannot"),
    ],
)
def test_a_file_that_is_refused(tmp_path: Path, before: str, after: str, message: str) -> None:
    path = tmp_path / "store.toml"
    path.write_text(STATE.replace(before, after))
    assert path.read_text() != STATE
    untouched = snapshot(tmp_path)

    result = fastgen("new", "shop", "--from=store.toml", cwd=tmp_path)

    assert (result.code, message in result.err) == (4, True), result.err
    assert "`store.toml`" in result.err
    assert snapshot(tmp_path) == untouched


@pytest.mark.parametrize(
    ("code", "options"),
    [
        (2, ["--from=missing"]),
        (4, ["--from=."]),
        (2, ["--from=store.toml", "--no-example"]),
        (2, ["--from=store.toml", "--queue=procrastinate"]),
        (2, ["--from=store.toml", "--trust"]),
        (2, ["--from=store.toml", "--with=evil"]),
    ],
)
def test_options_that_are_not_possible(tmp_path: Path, code: int, options: list[str]) -> None:
    (tmp_path / "store.toml").write_text(STATE)
    before = snapshot(tmp_path)

    assert fastgen("new", "shop", *options, cwd=tmp_path).code == code
    assert snapshot(tmp_path) == before


def test_resources_with_the_same_files(tmp_path: Path) -> None:
    second = '[operations.router-sales]\nkind = "router"\nname = "sales"\nsingular = "order"\n'
    (tmp_path / "store.toml").write_text(f'{STATE}\n{second}fields = ["name:str"]\n')

    result = fastgen("new", "shop", "--from=store.toml", cwd=tmp_path)

    assert (result.code, "exists already" in result.err) == (3, True)
    assert not (tmp_path / "shop").exists()


def test_overlays(tmp_path: Path) -> None:
    make_template(tmp_path / "house", HOUSE_RULES)
    commit_template(tmp_path / "ci", CI, "v1")
    commit_template(tmp_path / "ci", {**CI, "late.txt": "late"}, "v2")
    overlays = ["--overlay=house", "--overlay=ci@v1", "--overlay-data=team=pay"]
    assert fastgen("new", "shop", "--with=none", *overlays, "--no-git", cwd=tmp_path).code == 0
    again = ["new", "shop", "--from=../shop", "--no-git"]
    (tmp_path / "elsewhere").mkdir()

    assert fastgen(*again, cwd=tmp_path / "elsewhere").code == 0

    first, second = contents(tmp_path / "shop"), contents(tmp_path / "elsewhere" / "shop")
    assert first.pop(".fastgen.toml").replace(b'"../', b'"../../') == second.pop(".fastgen.toml")
    assert second == first
    (tmp_path / "house" / "late.txt").write_text("late")
    result = fastgen("new", "other", "--from=shop", cwd=tmp_path)
    assert (result.code, "has changed since it was recorded" in result.err) == (3, True)
    assert not (tmp_path / "other").exists()
    options = ["--overlay=house", "--overlay-data=team=new"]
    assert fastgen("new", "other", "--from=shop", *options, cwd=tmp_path).code == 0
    assert (tmp_path / "other" / ".github/CODEOWNERS").read_text() == "* @acme/new\n"


def test_a_plan_has_the_file_that_makes_the_project(tmp_path: Path) -> None:
    words = ["new", "shop", "--with", "queue", "--extra", "metrics", "--no-git", "--title", 'a"b\n']
    plan = fastgen(*words, "--dry-run", "--json", cwd=tmp_path).document
    (tmp_path / "plan.toml").write_text(plan["state"])
    (tmp_path / "again").mkdir()

    made = fastgen(*words, "--json", cwd=tmp_path)
    again = fastgen("new", "--from", "../plan.toml", "--no-git", cwd=tmp_path / "again")

    assert (made.code, again.code) == (0, 0), again.err
    assert "state" not in made.document
    assert contents(tmp_path / "again" / "shop") == contents(tmp_path / "shop")
