"""`fastgen add router`, as a process."""

import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.support import Result, contents, fastgen, generate, snapshot
from tests.terminal import CTRL_C, ENTER, Terminal

ROUTERS = Path("app", "api", "v1", "router.py")
ORDERS = [
    "orders",
    "--field=customer:str:max=80",
    "--field=total:decimal:min=0",
    "--field=status:enum(new|paid)",
    "--field=item:ref(items)",
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("fresh"), patterns=("database",))


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "shop")
    return tmp_path / "shop"


def add(project: Path, *arguments: str) -> Result:
    return fastgen("add", "router", *arguments, cwd=project)


def test_a_whole_slice(project: Path) -> None:
    before = contents(project)

    result = add(project, *ORDERS)

    assert result.code == 0, result.err
    after = contents(project)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {ROUTERS.as_posix()}
    added = {path.split("/")[1] for path in after.keys() - before.keys()}
    assert added == {
        "operations",
        "api",
        "models",
        "repositories",
        "schemas",
        "services",
        "versions",
        "factories",
        "unit",
    }
    assert "  create   app/models/order.py" in result.out
    assert "alembic upgrade head" in result.out or "just migrate" in result.out


def test_the_next_commands_need_only_what_is_installed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "just").touch(mode=0o755)  # its recipes call uv, which is not there

    words = ("add", "router", *ORDERS, "--json")
    result = fastgen(*words, cwd=project, env={"PATH": str(tmp_path)})

    assert result.document["next"] == ["alembic upgrade head", "pytest"]


def test_hyphens_are_read_as_underscores(project: Path, tmp_path: Path) -> None:
    other = shutil.copytree(project, tmp_path / "other")

    fields = ["--field=label:str", "--field=line:ref({})"]
    for folder, name in ((project, "order-lines"), (other, "order_lines")):
        assert add(folder, name).code == 0
        assert add(folder, "sub-lines", *(field.format(name) for field in fields)).code == 0

    assert contents(project) == contents(other)
    again = add(project, "order-lines", "--json").document
    assert again["status"] == "unchanged"
    assert fastgen("remove", "router", "sub-lines", cwd=project).code == 0
    removed = fastgen("remove", "router", "order-lines", "--json", cwd=project).document
    assert removed["status"] == "done"
    assert not (project / "app" / "models" / "order_line.py").exists()


def test_two_lines_in_the_file_of_the_project(project: Path) -> None:
    before = (project / ROUTERS).read_text().splitlines()
    add(project, *ORDERS)

    added = [line for line in (project / ROUTERS).read_text().splitlines() if line not in before]

    assert added == [
        "from app.api.v1.orders import router as orders",
        'router.include_router(orders, prefix="/orders", tags=["orders"])',
    ]


def test_twice_is_once(project: Path) -> None:
    add(project, *ORDERS)
    before = snapshot(project)

    again = add(project, *ORDERS)
    document = add(project, *ORDERS, "--json").document

    assert again.code == 0
    assert again.out == "The router `orders` is there already: nothing has changed.\n"
    assert (document["status"], document["files"], document["next"]) == ("unchanged", [], [])
    assert snapshot(project) == before


def test_new_code_that_imports_a_renamed_class_is_named(project: Path) -> None:
    for path in project.rglob("*.py"):
        path.write_text(re.sub(r"\bItem\b", "Product", path.read_text()))

    result = add(project, "orders", "--field", "item:ref(items)")

    assert result.code == 1
    assert (
        "New code needs what is not there. Correct these lines if it was moved or renamed:\n"
        "  app/models/order.py:7 needs `app.models.item.Item`\n"
        "  tests/unit/test_order_service.py:9 needs `app.models.item.Item`\n"
    ) in result.out


def test_imports_that_were_broken_before_are_not_named(project: Path) -> None:
    with (project / "app/api/v1/router.py").open("a") as file:
        file.write("\nfrom app.gone import anything\n")

    assert add(project, "orders").code == 0


def test_a_plan_touches_nothing_and_is_what_happens(project: Path) -> None:
    before = snapshot(project)

    planned = add(project, *ORDERS, "--dry-run", "--json").document
    shown = add(project, *ORDERS, "--dry-run")

    assert snapshot(project) == before
    assert planned["status"] == "planned"
    assert "+router.include_router(orders, " in shown.out
    done = add(project, *ORDERS, "--json").document
    assert (done["status"], done["command"]) == ("done", "add router")
    assert done["files"] == planned["files"]
    assert done["path"] == str(project)
    for file in done["files"]:
        assert (project / file["path"]).stat().st_size == file["bytes"]


def test_a_replay_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    add(project, *ORDERS)
    add(project, "order_lines", "--field=order:ref(orders)", "--not-owned")
    add(project, "staff", "--singular=employee")
    operations = (
        *EXAMPLES,
        Operation(
            "router", "orders", {"fields": tuple(o.removeprefix("--field=") for o in ORDERS[1:])}
        ),
        Operation("router", "order_lines", {"fields": ("order:ref(orders)",), "owned": "no"}),
        Operation("router", "staff", {"fields": ("name:str:max=80",), "singular": "employee"}),
    )

    replayed = generate(tmp_path / "again", patterns=("database",), operations=operations)

    assert contents(replayed) == contents(project)


def test_files_with_line_ends_of_windows_keep_them(project: Path) -> None:
    path = project / ROUTERS
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert add(project, "orders").code == 0

    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert content.startswith(b"\xef\xbb\xbf")


def test_from_a_folder_below(project: Path) -> None:
    assert fastgen("add", "router", "orders", cwd=project / "app" / "core").code == 0
    assert (project / "app" / "models" / "order.py").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["class"], 2, "cannot be the name"),
        (["sheep"], 2, "Cannot derive the singular of `sheep`; pass `--singular`."),
        (["orders", "--singular=../x"], 2, "with the singular `../x`"),
        (["x" * 33], 2, "longer than 32"),
        (["orders", "--field=x"], 2, "is not a field"),
        (["orders", "--field=x:int", "--field=x:str"], 2, "two fields called `x`"),
        (["orders", "--field=item:ref(itemz)"], 2, "no router `itemz`"),
        (["orders", "--field=item:ref(feedback)"], 2, "no router `feedback`"),
        (["orders", "--field=order:ref(orders)"], 2, "cannot refer to itself"),
        (["orders", "--owned"], 2, "needs the pattern `auth`"),
        (["orders", "--nonsense"], 2, "--nonsense"),
        (["items"], 3, "with other options"),
        (["item", "--singular=itm"], 3, "conflicts with the module"),
        (["things", "--singular=item"], 3, "exists already"),
        (["pagination", "--singular=part"], 3, "with the module `app/schemas/pagination.py`"),
    ],
)
def test_refusals_write_nothing(
    project: Path, arguments: list[str], code: int, message: str
) -> None:
    before = snapshot(project)

    result = add(project, *arguments, "--json")
    document = result.document

    assert (result.code, document["exit_code"], document["status"]) == (code, code, "error")
    assert message in document["error"]["message"]
    assert document["error"]["hint"]
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["authors", "name:str"], "fastgen add router authors --field name:str"),
        (["authors", "a:enum(b|c)", "d:int"],
         "fastgen add router authors --field 'a:enum(b|c)' --field d:int"),
        (["authors", "books"], "fastgen add router --help"),
        (["items", "--field=isbn:str"], "fastgen add field items isbn:str"),
        (["items", "--field=a:enum(b|c)"], "fastgen add field items 'a:enum(b|c)'"),
        (["items", "--owned"], "fastgen remove router items"),
    ],
)  # fmt: skip
def test_the_hint_is_the_command_that_was_meant(
    tmp_path: Path, words: list[str], hint: str
) -> None:
    project = generate(tmp_path, patterns=["auth"])

    result = add(project, *words)

    assert result.code == (3 if words[0] == "items" else 2)
    assert f"`{hint}`" in result.err.replace("\n", " ")


def model_elsewhere(project: Path) -> None:
    (project / "app" / "models" / "sale.py").write_text("class Order:\n    pass\n")


def table_elsewhere(project: Path) -> None:
    text = 'class Sale:\n    pass\n\ndefine_table(\n    Sale,\n    "orders",\n)\n'
    (project / "app" / "models" / "sale.py").write_text(text)


def router_in_latin_1(project: Path) -> None:
    (project / ROUTERS).write_bytes("# größe\n".encode("latin-1"))


def router_with_an_error(project: Path) -> None:
    (project / ROUTERS).write_text("import os\nrouter = (\n")


def no_router(project: Path) -> None:
    (project / ROUTERS).unlink()


def package_renamed(project: Path) -> None:
    (project / "app").rename(project / "shop")


def package_in_src(project: Path) -> None:
    (project / "src").mkdir()
    (project / "app").rename(project / "src" / "app")
    (project / "app" / "__pycache__").mkdir(parents=True)


def router_is_a_folder(project: Path) -> None:
    (project / ROUTERS).unlink()
    (project / ROUTERS).mkdir()


def two_heads(project: Path) -> None:
    for name in "ab":
        path = project / "migrations" / "versions" / f"{name}.py"
        path.write_text(f'revision = "{name}"\ndown_revision = None\n')


def a_link_that_leads_out(project: Path) -> None:
    outside = project.parent / "outside"
    (project / "app" / "models").rename(outside)
    (project / "app" / "models").symlink_to(outside)


@pytest.mark.parametrize(
    ("meddle", "message"),
    [
        (model_elsewhere, "`app/models/sale.py` has a model `Order` already."),
        (table_elsewhere, "`app/models/sale.py` has a table `orders` already."),
        (router_in_latin_1, "`app/api/v1/router.py` is not UTF-8: line 1."),
        (router_with_an_error, "`app/api/v1/router.py` cannot be edited: line 2 is not valid"),
        (no_router, "`app/api/v1/router.py` is missing: fastgen looks for the package `app`."),
        (no_router, "hint: If the file was moved, move it back"),
        (
            package_renamed,
            "`app/api/v1/router.py` is missing: fastgen looks for the package `app`.",
        ),
        (package_renamed, "hint: If the package was renamed, rename it back to `app`"),
        (package_in_src, "`app/api/v1/router.py` is in `src/`, where this command cannot edit it."),
        (package_in_src, "hint: Move `src/app` to `app`, run the command again, and move it back."),
        (router_is_a_folder, "`app/api/v1/router.py` is a folder, but must be a file."),
        (two_heads, "The migrations have 3 heads: `a`, `b` and `"),
        (a_link_that_leads_out, "leads out of the project"),
    ],
)
def test_projects_in_which_it_does_not_belong(
    project: Path, meddle: Callable[[Path], None], message: str
) -> None:
    meddle(project)
    before = snapshot(project.parent)

    planned = add(project, "orders", "--dry-run")
    result = add(project, "orders")

    assert (planned.code, planned.err) == (3, result.err)
    assert result.code == 3
    assert message in result.err
    assert "hint: " in result.err
    assert snapshot(project.parent) == before


def test_the_lines_to_paste_are_enough(project: Path) -> None:
    """Where it cannot be edited, people do it, and run the command again."""
    text = "from app.making import a\n\n\nclass Routes:\n    router = a\n"
    (project / ROUTERS).write_text(text)

    refused = add(project, "orders")
    paste = refused.err.partition("Add these lines")[2].split("\n")[1:3]
    (project / ROUTERS).write_text("\n".join([text, *paste, ""]))
    done = add(project, "orders")

    assert (refused.code, done.code) == (3, 0)
    assert (project / "app" / "models" / "order.py").exists()


def test_missing_files_of_a_recorded_router_are_refused(project: Path) -> None:
    add(project, "orders")
    (project / "app" / "models" / "order.py").unlink()

    result = add(project, "orders")

    assert result.code == 3
    assert "`app/models/order.py` is gone" in result.err


def test_outside_of_a_project(tmp_path: Path) -> None:
    assert add(tmp_path, "orders").code == 4


def test_two_at_once_are_both_there(project: Path) -> None:
    names = ["orders", "people", "authors", "zones"]

    with ThreadPoolExecutor(4) as pool:
        codes = [result.code for result in pool.map(lambda name: add(project, name), names)]

    assert codes == [0] * 4
    listed = fastgen("list", "routers", cwd=project).out
    text = (project / ROUTERS).read_text()
    assert all(name in listed and f"include_router({name}," in text for name in names)
    versions = (project / "migrations" / "versions").glob("*_add_*.py")
    followed = [path.read_text().split("down_revision = ")[1].split("\n")[0] for path in versions]
    assert len(set(followed)) == len(followed)
    assert not [name for name in os.listdir(project) if name.startswith(".fastgen-")]


class TestDialogue:
    def test_fields_are_asked_for(self, project: Path) -> None:
        terminal = Terminal("add", "router", "orders", cwd=project, columns=160)
        terminal.answer("Field 1", f"total:decimal{ENTER}")
        terminal.answer("Field 2", f"state:enum(new|paid){ENTER}")
        terminal.answer("Field 3", ENTER)

        assert terminal.end() == 0
        equivalent = (
            "fastgen add router orders --field total:decimal --field 'state:enum(new|paid)'"
        )
        assert equivalent in terminal.text
        assert "total: Mapped[Decimal]" in (project / "app" / "models" / "order.py").read_text()

    def test_an_impossible_one_is_said_at_once(self, project: Path) -> None:
        before = snapshot(project)
        terminal = Terminal("add", "router", "orders", cwd=project, columns=300)
        terminal.answer("Field 1", f"total{ENTER}")
        terminal.answer("its type is not known", CTRL_C)

        assert terminal.end() == 130
        assert snapshot(project) == before

    @pytest.mark.parametrize("arguments", [["--yes"], ["--json"], ["--field=total:int"]])
    def test_nothing_is_asked_when_nothing_is_open(
        self, project: Path, arguments: list[str]
    ) -> None:
        terminal = Terminal("add", "router", "orders", *arguments, cwd=project)

        assert terminal.end() == 0
        assert "Field 1" not in terminal.text


def test_tables_of_packages_are_not_taken(tmp_path: Path) -> None:
    project = generate(tmp_path, patterns=("auth",))

    result = fastgen("add", "router", "users", "--yes", cwd=project)

    assert result.code == 3
    assert "`app/auth/models.py` has a model `User` already." in result.err
