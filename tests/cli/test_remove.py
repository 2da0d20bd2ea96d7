"""`fastgen remove`, as a process: what was added goes, and nothing else."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from fastgen.middleware.catalogue import known
from tests.support import Result, contents, fastgen, generate, snapshot

ROUTERS = Path("app", "api", "v1", "router.py")
MODEL = Path("app", "models", "order.py")
VERSIONS = Path("migrations", "versions")
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("fresh"), patterns=("database",))


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "shop")
    return tmp_path / "shop"


def run(project: Path, *arguments: str) -> Result:
    return fastgen(*arguments, cwd=project)


def git(project: Path, *arguments: str) -> None:
    subprocess.run([*GIT, *arguments], cwd=project, check=True, capture_output=True)


@pytest.mark.parametrize("patterns", [(), ("database", "auth", "cache")], ids=["none", "all"])
def test_add_then_remove_is_the_same_tree(tmp_path: Path, patterns: tuple[str, ...]) -> None:
    project = generate(tmp_path, patterns=patterns)
    steps = [
        ("router", "orders", "--field=customer:str", "--field=item:ref(items)"),
        ("router", "order_lines", "--field=order:ref(orders)"),
        *(("middleware", name) for name in [*known(), "audit"]),
    ]
    trees = []
    for step in steps:
        trees.append(contents(project))
        assert run(project, "add", *step).code == 0
    for step in reversed(steps):
        result = run(project, "remove", *step[:2])
        assert result.code == 0, result.out + result.err
        assert contents(project) == trees.pop()


def test_own_lines_of_the_environment_are_as_before(project: Path) -> None:
    path = project / ".env.example"
    path.write_bytes(path.read_bytes() + b"\nMAINTENANCE=true")
    before = contents(project)

    for command in ("add", "remove"):
        assert run(project, command, "middleware", "maintenance").code == 0

    assert contents(project) == before


def test_in_any_order(project: Path) -> None:
    before = contents(project)
    names = ["timing", "rate-limit", "session", "audit"]
    for name in names:
        run(project, "add", "middleware", name)
    for name in names:
        assert run(project, "remove", "middleware", name).code == 0

    assert contents(project) == before


def test_the_examples_can_be_taken_out(project: Path) -> None:
    for name in ("feedback", "items"):
        assert run(project, "remove", "router", name).code == 0

    left = contents(project)
    assert not [path for path in left if "item" in path or "feedback" in path]
    assert left[ROUTERS.as_posix()].count(b"\n") == 5


def test_the_limit_of_the_coverage_is_that_of_a_new_project(project: Path, tmp_path: Path) -> None:
    pyproject = project / "pyproject.toml"
    before = pyproject.read_text()
    for name in ("feedback", "items"):
        run(project, "remove", "router", name)

    without = generate(tmp_path / "new", patterns=("database",), operations=())
    assert pyproject.read_text() == (without / "pyproject.toml").read_text() != before

    run(project, "add", "router", "orders")
    assert pyproject.read_text() == before


def test_twice_is_once(project: Path) -> None:
    run(project, "add", "router", "orders")
    run(project, "remove", "router", "orders")
    before = snapshot(project)

    again = run(project, "remove", "router", "orders", "--json")

    assert (again.code, again.document["status"]) == (0, "unchanged")
    assert snapshot(project) == before


def test_a_plan_touches_nothing_and_is_what_happens(project: Path) -> None:
    run(project, "add", "router", "orders")
    (project / MODEL).write_text("# mine\n")
    before = snapshot(project)

    planned = run(project, "remove", "router", "orders", "--dry-run", "--json").document

    assert snapshot(project) == before
    assert planned["status"] == "planned"
    done = run(project, "remove", "router", "orders", "--json").document
    assert done["files"] == planned["files"]


def test_edited_files_stay_and_are_named(project: Path) -> None:
    run(project, "add", "router", "orders")
    with (project / MODEL).open("a") as file:
        file.write("\n# mine\n")
    (project / "app" / "reports.py").write_text("from app.services import order\n")

    result = run(project, "remove", "router", "orders", "--json")

    document = result.document
    assert (result.code, document["exit_code"], document["status"]) == (1, 1, "conflicts")
    actions = {file["path"]: file["action"] for file in document["files"]}
    assert actions[MODEL.as_posix()] == "keep"
    assert actions["app/reports.py"] == "conflict"
    assert actions["app/services/order.py"] == "delete"
    assert (project / MODEL).read_text().endswith("# mine\n")
    assert "orders" not in (project / ROUTERS).read_text()
    assert "orders" not in run(project, "list", "routers").out


def test_by_force_they_go_too(project: Path) -> None:
    run(project, "add", "router", "orders")
    (project / MODEL).write_text("# mine\n")

    assert run(project, "remove", "router", "orders", "--force").code == 0
    assert not (project / MODEL).exists()


@pytest.mark.parametrize(
    ("what", "path"),
    [
        (("router", "orders"), MODEL),
        (("middleware", "audit"), Path("app", "middleware", "audit.py")),
    ],
)
def test_files_that_were_kept_are_named_again(
    project: Path, what: tuple[str, str], path: Path
) -> None:
    run(project, "add", *what)
    (project / path).write_text("# mine\n")
    run(project, "remove", *what)
    before = contents(project)

    result = run(project, "remove", *what, "--force")

    assert result.code == 0
    assert path.as_posix() in result.out
    assert "Delete them by hand" in result.out
    assert contents(project) == before


@pytest.mark.parametrize("name", ["item", "feedback"])
def test_force_deletes_no_file_of_something_else(project: Path, name: str) -> None:
    run(project, "add", "router", "orders")
    path = project / ".fastgen" / "operations" / "router-orders.toml"
    path.write_text(f'{path.read_text()}singular = "{name}"\n')
    before = snapshot(project)

    result = run(project, "remove", "router", "orders", "--force")

    assert result.code == 4
    assert "is not a file of `orders`" in result.err
    assert snapshot(project) == before


def test_force_deletes_no_own_files_that_the_state_names_by_mistake(project: Path) -> None:
    run(project, "add", "router", "orders")
    path = project / ".fastgen" / "operations" / "router-orders.toml"
    path.write_text(f'{path.read_text()}singular = "invoice"\n')
    for layer in ("models", "repositories", "schemas", "services"):
        (project / "app" / layer / "invoice.py").write_text("# mine\n")
    before = snapshot(project)

    result = run(project, "remove", "router", "orders", "--force")

    assert result.code == 4
    assert "`app/schemas/invoice.py` is not a file of `orders`" in result.err
    assert snapshot(project) == before


def test_line_ends_are_no_edit(project: Path) -> None:
    run(project, "add", "router", "orders")
    for path in project.rglob("*order*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert run(project, "remove", "router", "orders").code == 0
    assert list(project.rglob("*order*.py")) == []


def test_referenced_resources_are_not_removed(project: Path) -> None:
    run(project, "add", "router", "orders", "--field=item:ref(items)")
    before = snapshot(project)

    result = run(project, "remove", "router", "items")

    assert result.code == 3
    assert "`orders` refers to it" in result.err
    assert snapshot(project) == before


def revision_of(project: Path, name: str = "orders") -> Path:
    return next((project / VERSIONS).glob(f"*_add_{name}.py"))


def add_revision(project: Path, after: Path, *lines: str, name: str = "byhand") -> Path:
    """Write a revision by hand, with such lines in its `upgrade`."""
    path = project / VERSIONS / f"{name}.py"
    before = after.stem.partition("_")[0]
    body = "\n".join(f"    {line}" for line in lines)
    path.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{name}"\ndown_revision = "{before}"\n\n\n'
        f"def upgrade() -> None:\n{body}\n\n\ndef downgrade() -> None:\n    pass\n"
    )
    return path


def apply_revision(database: Path, revision: Path) -> None:
    """Make a database that is at a revision."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        name = revision.name.partition("_")[0]
        connection.execute("INSERT INTO alembic_version VALUES (?)", [name])


class TestRevisions:
    @pytest.fixture(autouse=True)
    def orders(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        git(project, "init")
        assert run(project, "add", "router", "orders").code == 0

    def undone(self, project: Path, *options: str, env: Mapping[str, str] | None = None) -> str:
        """Remove the router: a revision is added, and none is deleted. Its text."""
        before = contents(project / VERSIONS)
        result = fastgen("remove", "router", "orders", *options, cwd=project, env=env)
        assert result.code == 0, result.err
        after = contents(project / VERSIONS)
        (added,) = after.keys() - before.keys()
        assert before.items() < after.items()
        assert added.endswith("_remove_orders.py")
        return after[added].decode()

    def refused(self, project: Path, *command: str) -> str:
        """Run a command that changes nothing. Its message."""
        before = snapshot(project)
        result = run(project, *command)
        assert result.code == 3, result.out
        assert snapshot(project) == before
        return result.err

    def test_one_that_nobody_has_is_deleted(self, project: Path) -> None:
        revision = revision_of(project)
        others = set((project / VERSIONS).iterdir()) - {revision}
        apply_revision(project / "app.db", next((project / VERSIONS).glob("*_add_items.py")))

        assert run(project, "remove", "router", "orders").code == 0

        assert set((project / VERSIONS).iterdir()) == others

    def test_a_committed_one_is_undone(self, project: Path) -> None:
        git(project, "add", ".")
        git(project, "commit", "-m", "orders")
        made = revision_of(project).name.partition("_")[0]

        text = self.undone(project)

        assert f'down_revision = "{made}"' in text
        upgrade, _, downgrade = text.partition("def downgrade")
        assert 'op.drop_table("orders")' in upgrade
        assert 'op.create_table(\n        "orders",' in downgrade

        again = run(project, "add", "router", "orders")
        assert again.code == 0
        assert len(list((project / VERSIONS).glob("*_add_orders.py"))) == 2
        # The second one is in no commit.
        assert run(project, "remove", "router", "orders").code == 0
        assert len(list((project / VERSIONS).glob("*_add_orders.py"))) == 1

    @pytest.mark.parametrize("options", [(), ("--force",)])
    def test_an_applied_one_is_undone(self, project: Path, options: Sequence[str]) -> None:
        apply_revision(project / "app.db", revision_of(project))

        assert "op.create_table(" in self.undone(project, *options)

    def test_one_that_a_server_may_have_is_undone(self, project: Path) -> None:
        assert self.undone(project, env={"DATABASE_URL": "postgresql://127.0.0.1:1/shop"})

    def test_one_of_another_default_database_is_undone(self, project: Path) -> None:
        settings = project / "app" / "settings.py"
        marker = "    app_title: str"
        url = '    database_url: SecretStr = SecretStr("sqlite:///shop.db")\n'
        settings.write_text(settings.read_text().replace(marker, url + marker))

        assert self.undone(project)

    def test_one_that_git_says_nothing_about_is_undone(self, project: Path, tmp_path: Path) -> None:
        fake = tmp_path / "bin" / "git"
        fake.parent.mkdir()
        fake.write_text("#!/bin/sh\necho 'fatal: detected dubious ownership' >&2\nexit 128\n")
        fake.chmod(0o755)

        assert self.undone(project, env={"PATH": f"{fake.parent}:{os.environ['PATH']}"})

    def test_without_git_one_in_a_repository_is_undone(self, project: Path) -> None:
        assert self.undone(project, env={"PATH": ""})

    def test_without_git_and_repository_it_is_deleted(self, project: Path) -> None:
        shutil.rmtree(project / ".git")

        assert fastgen("remove", "router", "orders", cwd=project, env={"PATH": ""}).code == 0
        assert not list((project / VERSIONS).glob("*orders*"))

    def test_one_before_the_head_is_undone(self, project: Path) -> None:
        run(project, "add", "router", "zones")

        assert self.undone(project)

    def test_an_edited_one_is_undone(self, project: Path) -> None:
        path = revision_of(project)
        path.write_text(path.read_text() + "# mine\n")

        assert "op.create_table(" in self.undone(project)

    def test_columns_added_byhand_are_made_again(self, project: Path) -> None:
        add_revision(
            project,
            revision_of(project),
            "op.add_column('orders', sa.Column('note', sa.String(length=80)))",
        )
        with (project / MODEL).open("a") as file:
            file.write("\n# mine\n")

        text = self.undone(project, "--force")

        assert '        sa.Column("note", sa.String(length=80)),\n' in text
        assert not (project / MODEL).exists()

    def test_a_table_stays_with_its_edited_model(self, project: Path) -> None:
        before = contents(project / VERSIONS)
        with (project / MODEL).open("a") as file:
            file.write("\n# mine\n")

        document = run(project, "remove", "router", "orders", "--json").document

        assert contents(project / VERSIONS) == before
        kept = [file["path"] for file in document["files"] if file["action"] == "keep"]
        revision = revision_of(project).relative_to(project).as_posix()
        assert kept == [MODEL.as_posix(), revision]
        assert document["exit_code"] == 1

    @pytest.mark.parametrize("name", ["purchase.py", "item.py"])
    def test_a_table_of_a_moved_model_is_refused(self, project: Path, name: str) -> None:
        model = project / MODEL
        with model.with_name(name).open("a") as file:
            file.write(model.read_text())
        model.unlink()

        message = self.refused(project, "remove", "router", "orders", "--force")

        assert f"`app/models/{name}` may have a model of the table `orders`" in message

    def test_a_table_that_another_refers_to_is_refused(self, project: Path) -> None:
        add_revision(
            project,
            revision_of(project),
            'op.create_table("invoices", sa.Column("id", sa.ForeignKey("orders.id")))',
        )

        message = self.refused(project, "remove", "router", "orders", "--force")

        assert "`invoices` refers to it by a foreign key" in message

    def test_a_change_that_cannot_be_undone_is_refused(self, project: Path) -> None:
        byhand = add_revision(
            project, revision_of(project), 'op.execute("UPDATE orders SET version = 1")'
        )

        message = self.refused(project, "remove", "router", "orders", "--force")

        assert "`migrations/versions/byhand.py`, line 9, may change the table" in message
        assert 'alembic revision --autogenerate -m "remove orders"' in message
        (project / MODEL).unlink()
        add_revision(project, byhand, 'op.drop_table("orders")', name="drop")
        before = contents(project / VERSIONS)
        assert run(project, "remove", "router", "orders").code == 0
        assert contents(project / VERSIONS) == before

    def test_a_renamed_table_of_an_edited_model_is_dropped(self, project: Path) -> None:
        add_revision(project, revision_of(project), 'op.rename_table("orders", "purchases")')
        model = project / MODEL
        model.write_text(model.read_text().replace('"orders"', '"purchases"'))

        assert 'op.drop_table("purchases")' in self.undone(project, "--force")

    def test_a_table_that_was_put_aside_stays(self, project: Path) -> None:
        add_revision(project, revision_of(project), 'op.rename_table("orders", "old_orders")')
        before = contents(project / VERSIONS)

        assert run(project, "remove", "router", "orders").code == 0
        assert contents(project / VERSIONS) == before

    @pytest.mark.parametrize("command", [("remove", "orders"), ("add", "zones")])
    def test_two_heads_are_refused(self, project: Path, command: Sequence[str]) -> None:
        before = next((project / VERSIONS).glob("*_add_items.py"))
        branch = add_revision(project, before, "pass")
        action, name = command

        message = self.refused(project, action, "router", name)

        assert "The migrations have two heads: " in message
        assert "`alembic merge heads -m " in message
        merge = (
            f'revision = "merge"\ndown_revision = (\n    "{branch.stem}",\n'
            f'    "{revision_of(project).name.partition("_")[0]}",\n)\n'
        )
        (project / VERSIONS / "merge.py").write_text(merge)
        assert run(project, action, "router", name).code == 0
        (made,) = (project / VERSIONS).glob(f"*_{action}_{name}.py")
        assert 'down_revision = "merge"' in made.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["router", "Class"], 2, "cannot be the name"),
        (["middleware", "../x"], 2, "cannot be the name"),
        (["middleware", "cors"], 3, "a part of every project"),
        (["router", "nobody"], 0, ""),
        (["middleware", "timing"], 0, ""),
        (["pattern"], 2, ""),
    ],
)
def test_unknown_names_are_refused(
    project: Path, arguments: list[str], code: int, message: str
) -> None:
    before = snapshot(project)

    result = run(project, "remove", *arguments)

    assert result.code == code
    assert message in result.err
    assert snapshot(project) == before


def test_a_file_that_cannot_be_edited_is_refused(project: Path) -> None:
    run(project, "add", "router", "orders")
    with (project / ROUTERS).open("a") as file:
        file.write("\nROUTERS = [orders]\n")
    before = snapshot(project)

    result = run(project, "remove", "router", "orders")

    assert result.code == 3
    assert "is used there for something else too" in result.err
    assert snapshot(project) == before


def test_a_requirement_that_others_use_stays(project: Path) -> None:
    run(project, "add", "middleware", "msgpack")
    (project / "app" / "packing.py").write_text("import ormsgpack\n")

    run(project, "remove", "middleware", "msgpack")

    assert '"ormsgpack>=' in (project / "pyproject.toml").read_text()


def test_named_pipes_are_not_read(project: Path) -> None:
    folders = ["", "app", "app/models", "migrations/versions", "tests"]
    pipes = [project / folder / "pipe.py" for folder in folders]
    for pipe in pipes:
        os.mkfifo(pipe)
    before = contents(project)

    for command in ("add router orders", "remove router orders", "add middleware session"):
        result = fastgen(*command.split(), cwd=project, prefix=["timeout", "60"])
        assert result.code == 0, (command, result.err)
    result = fastgen("remove", "middleware", "session", cwd=project, prefix=["timeout", "60"])
    assert result.code == 0, result.err
    assert contents(project) == before


def test_edited_lines_that_go_are_named(project: Path) -> None:
    run(project, "add", "router", "orders", "--field=label:str")
    run(project, "add", "middleware", "session")
    change(project / ROUTERS, 'prefix="/orders"', 'prefix="/sales"')
    change(project / "app" / "settings.py", "1_209_600", "7200")
    change(project / "app" / "settings.py", "Field(", "Field(\n        ")
    unedited = run(project, "remove", "router", "items").out
    removed = run(project, "remove", "router", "orders").out
    removed += run(project, "remove", "middleware", "session").out

    assert "edited line" not in unedited
    assert removed.count("An edited line of") == 2
    assert 'prefix="/sales"' in removed
    assert "default=7200" in removed


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))
