"""`fastgen remove`, as a process: what was added goes, and nothing else."""

import shutil
import subprocess
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


def test_line_ends_are_no_edit(project: Path) -> None:
    run(project, "add", "router", "orders")
    for path in project.rglob("*order*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert run(project, "remove", "router", "orders").code == 0
    assert list(project.rglob("*order*.py")) == []


def test_what_others_refer_to_is_refused(project: Path) -> None:
    run(project, "add", "router", "orders", "--field=item:ref(items)")
    before = snapshot(project)

    result = run(project, "remove", "router", "items")

    assert result.code == 3
    assert "`orders` refers to it" in result.err
    assert snapshot(project) == before


class TestRevisions:
    def test_one_that_nobody_can_have_followed_goes(self, project: Path) -> None:
        before = set((project / VERSIONS).iterdir())
        git(project, "init")
        run(project, "add", "router", "orders")

        run(project, "remove", "router", "orders")

        assert set((project / VERSIONS).iterdir()) == before

    def undone(self, project: Path) -> str:
        known = set((project / VERSIONS).iterdir())
        result = run(project, "remove", "router", "orders")
        assert result.code == 0
        (added,) = set((project / VERSIONS).iterdir()) - known
        assert not known - set((project / VERSIONS).iterdir())
        assert added.name.endswith("_remove_orders.py")
        return added.read_text()

    def test_a_committed_one_is_undone_by_another(self, project: Path) -> None:
        git(project, "init")
        run(project, "add", "router", "orders")
        git(project, "add", ".")
        git(project, "commit", "-m", "orders")
        made = next((project / VERSIONS).glob("*_add_orders.py")).name.partition("_")[0]

        text = self.undone(project)

        assert f'down_revision = "{made}"' in text
        upgrade = text.partition("def downgrade")[0]
        assert 'op.drop_table("orders")' in upgrade

        again = run(project, "add", "router", "orders")
        assert again.code == 0
        assert len(list((project / VERSIONS).glob("*_add_orders.py"))) == 2

    def test_one_that_was_followed_is_undone_by_another(self, project: Path) -> None:
        run(project, "add", "router", "orders")
        run(project, "add", "router", "zones")

        assert "remove" in self.undone(project).lower()

    def test_one_that_was_edited_is_undone_by_another(self, project: Path) -> None:
        run(project, "add", "router", "orders")
        path = next((project / VERSIONS).glob("*_add_orders.py"))
        path.write_text(path.read_text() + "# mine\n")

        assert "op.create_table(" in self.undone(project)


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
def test_what_is_not_there(project: Path, arguments: list[str], code: int, message: str) -> None:
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
