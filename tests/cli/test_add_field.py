"""`fastgen add field` and `remove field`, as a process, on resources that people have edited."""

import shutil
from pathlib import Path

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.support import Result, contents, fastgen, generate, snapshot
from tests.terminal import CTRL_C, ENTER, Terminal

ORDERS = Operation("router", "orders", {"fields": ("label:str", "item:ref(items)")})
MODEL = Path("app", "models", "order.py")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh")
    return generate(folder, patterns=("database",), operations=(*EXAMPLES, ORDERS))


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "shop")
    return tmp_path / "shop"


def run(project: Path, *arguments: str) -> Result:
    return fastgen(*arguments, cwd=project)


def test_edits_of_the_resource_stay(project: Path) -> None:
    with (project / MODEL).open("a") as file:
        file.write("\n    @property\n    def is_ours(self) -> bool:\n        return True\n")

    result = run(project, "add", "field", "orders", "note:text:optional", "--json")

    assert (result.code, result.document["status"]) == (0, "done")
    model = (project / MODEL).read_text()
    assert "note: Mapped[str | None]" in model
    assert "def is_ours" in model
    assert run(project, "remove", "field", "orders", "note").code == 0
    assert "def is_ours" in (project / MODEL).read_text()
    assert "note" not in (project / MODEL).read_text()


def test_methods_that_were_added_below_do_not_collide(project: Path) -> None:
    assert run(project, "add", "router", "sales", "--field", "label:str").code == 0
    layers = [project / "app" / layer / "sale.py" for layer in ("repositories", "services")]
    for layer in layers:
        with layer.open("a") as file:
            file.write("\n    async def count_ours(self) -> int:\n        return 1\n")

    # A searched column, and the first reference of the resource.
    result = run(project, "add", "field", "sales", "note:text", "item:ref(items)")

    assert result.code == 0, result.out
    repository, service = (layer.read_text() for layer in layers)
    assert '"note"' in repository
    assert "check_reference(" in service
    assert "def count_ours" in repository
    assert "def count_ours" in service


def test_twice_is_once(project: Path) -> None:
    run(project, "add", "field", "orders", "note:text")
    before = snapshot(project)

    again = run(project, "add", "field", "orders", "note:text", "label:str", "--json")

    assert (again.code, again.document["status"]) == (0, "unchanged")
    assert run(project, "remove", "field", "orders", "nothing").code == 0
    assert snapshot(project) == before


def test_a_plan_touches_nothing_and_is_what_happens(project: Path) -> None:
    before = snapshot(project)

    planned = run(project, "add", "field", "orders", "note:text", "--dry-run", "--json").document

    assert snapshot(project) == before
    done = run(project, "add", "field", "orders", "note:text", "--json").document
    assert done["files"] == planned["files"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["add", "field", "sales", "note:text"], 2, "no resource `sales`"),
        (["add", "field", "feedback", "note:text"], 2, "no resource `feedback`"),
        (["add", "field", "orders", "note:poem"], 2, "its type is not known"),
        (["add", "field", "orders", "schema:str"], 2, "is not a field"),
        (["add", "field", "orders"], 2, "A field is missing"),
        (["add", "field", "orders", "label:text"], 3, "with other options: `label:str"),
        (["add", "field", "orders", "label:text"], 3, "hint: Choose another name."),
        (["add", "field", "orders", "order:ref(orders)"], 2, "`orders` cannot refer to itself."),
        (["add", "field", "orders", "sale:ref(sales)"], 2, "no router `sales`"),
        (["add", "field", "items", "order:ref(orders)"], 2, "would refer to each other"),
        (["add", "field", "orders", "day:date:unique"], 3, "no value of `day`"),
        (["remove", "field", "sales", "note"], 2, "no resource `sales`"),
    ],
)
def test_impossible_changes_are_refused(
    project: Path, words: list[str], code: int, message: str
) -> None:
    before = snapshot(project)

    result = run(project, *words)

    assert (result.code, message in result.err) == (code, True), result.err
    assert snapshot(project) == before


def test_the_values_of_existing_rows_are_shown(project: Path) -> None:
    fields = {
        "pages:int:min=1": "`1` as `pages`",
        "due:date": "`1970-01-01` as `due`",
        "at:datetime": "the time of the migration as `at`",
        "code:str:unique:max=20": "a value made from their `id` as `code`",
        "rank:int:default=7": "`7` as `rank`",
        "thing:ref(items)": "the lowest id of `items` as `thing_id`",
    }

    result = run(project, "add", "field", "orders", "note:text:optional", *fields)

    lines = [line for line in result.out.splitlines() if line.startswith("Existing rows")]
    assert lines == [f"Existing rows of `orders` get {value}." for value in fields.values()]


def test_a_resource_goes_with_its_fields(project: Path) -> None:
    before = contents(project)
    run(project, "add", "router", "order_lines", "--field=label:str")
    run(project, "add", "field", "order-lines", "order:ref(orders)", "amount:int:min=1")

    refused = run(project, "remove", "router", "orders")
    removed = run(project, "remove", "router", "order_lines", "--json")

    assert "`order_lines` refers to it" in refused.err
    assert removed.code == 0, removed.out
    left = contents(project)
    assert {path: left[path] for path in before} == before
    assert all("/versions/" in path for path in left.keys() - before.keys())


def test_a_field_of_the_router_itself(project: Path) -> None:
    assert run(project, "remove", "field", "orders", "item").code == 0

    assert "item" not in (project / MODEL).read_text()
    assert run(project, "remove", "router", "items").code == 0
    assert run(project, "add", "pattern", "auth").code == 0


def test_the_only_field_of_the_router_itself(project: Path) -> None:
    run(project, "add", "router", "sales", "--field=label:str")

    alone = run(project, "remove", "field", "sales", "label")
    run(project, "add", "field", "sales", "note:text:optional", "total:int")
    removed = run(project, "remove", "field", "sales", "label")

    assert (alone.code, removed.code) == (2, 0), alone.err
    assert run(project, "remove", "field", "sales", "note").code == 0
    assert run(project, "add", "field", "sales", "label:str").code == 0
    assert run(project, "remove", "router", "sales").code == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""Add note to orders."""', '"""Add note to orders.\n\nAnn knows why.\n"""'),
        ("\ndown_revision = ", "\n# Ann knows why.\ndown_revision = "),
        ('\nrevision = "', '\nrevision_of = "Ann"\nrevision = "'),
        ("    with op.", "    # Ann knows why.\n    with op."),
    ],
)
def test_an_edited_migration_is_not_deleted(project: Path, before: str, after: str) -> None:
    run(project, "add", "field", "orders", "note:text")
    (path,) = (project / "migrations" / "versions").glob("*_add_note_to_orders.py")
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))

    assert run(project, "remove", "field", "orders", "note").code == 0

    assert "Ann" in path.read_text()


class TestDialogue:
    def test_fields_and_defaults_are_asked_for(self, project: Path) -> None:
        terminal = Terminal("add", "field", "orders", cwd=project, columns=200)
        terminal.answer("Field 1", f"total:decimal:min=0{ENTER}")
        terminal.answer("Field 2", f"note:text:optional{ENTER}")
        terminal.answer("Field 3", ENTER)
        terminal.answer("Default of `total`", f"9.5{ENTER}")

        assert terminal.end() == 0, terminal.text
        equivalent = "fastgen add field orders total:decimal:min=0:default=9.5 note:text:optional"
        assert equivalent in terminal.text
        assert "Default of `note`" not in terminal.text
        (path,) = (project / "migrations" / "versions").glob("*_add_total_and_note_to_orders.py")
        assert "9.5" in path.read_text()

    def test_a_column_that_must_not_be_null_is_asked_for_its_default(self, project: Path) -> None:
        terminal = Terminal("add", "field", "orders", "count:int:max=9", cwd=project, columns=300)
        terminal.answer("Default of `count`", f"10{ENTER}")
        terminal.answer("its default is not within its limits", "\b\b")
        terminal.answer("Default of `count`", ENTER)

        assert terminal.end() == 0, terminal.text
        assert "The same without questions" not in terminal.text
        (path,) = (project / "migrations" / "versions").glob("*_add_count_to_orders.py")
        assert "values(count=0)" in path.read_text()

    @pytest.mark.parametrize(
        "words",
        [
            ["count:int", "--yes"],
            ["count:int", "--json"],
            ["count:int:optional", "rank:int:default=1", "extra:json", "label:str"],
        ],
    )
    def test_nothing_is_asked_when_nothing_is_open(self, project: Path, words: list[str]) -> None:
        terminal = Terminal("add", "field", "orders", *words, cwd=project)

        assert terminal.end() == 0, terminal.text
        assert "Default of" not in terminal.text

    def test_ctrl_c_changes_nothing(self, project: Path) -> None:
        before = snapshot(project)
        terminal = Terminal("add", "field", "orders", "count:int", cwd=project)
        terminal.answer("Default of `count`", CTRL_C)

        assert terminal.end() == 130
        assert snapshot(project) == before
