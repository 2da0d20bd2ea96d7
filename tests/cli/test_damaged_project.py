"""Every command in a project with a damaged state ends with 4 and changes nothing."""

import shutil
from pathlib import Path

import pytest

from tests.support import fastgen, snapshot

COMMANDS = [
    "add router orders",
    "add middleware timing",
    "add middleware timing --dry-run",
    "remove router items",
    "remove middleware timing",
    "list routers",
    "list middleware",
]


@pytest.fixture
def project(plain_project: Path, tmp_path: Path) -> Path:
    shutil.copytree(plain_project, tmp_path / "shop")
    return tmp_path / "shop"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_tampered_operation(project: Path, command: str) -> None:
    path = project / ".fastgen" / "operations" / "router-items.toml"
    path.write_text(path.read_text().replace('name = "items"', 'name = "../items"'))
    before = snapshot(project)

    result = fastgen(*command.split(), "--json", cwd=project)

    assert (result.code, result.document["exit_code"]) == (4, 4)
    assert result.document["error"]["code"] == "not_a_project"
    assert ("data" in result.document) == command.startswith("list")
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("app", 'fields = ["name:str"]'),
        ("orders", ""),
        ("orders", "fields = []"),
        ("orders", 'fields = ["name:evil"]'),
        ("orders", 'fields = ["name:str", "name:str"]'),
        ("orders", 'fields = ["name:str"]\nsingular = "base"'),
        ("staff", 'fields = ["name:str"]'),
    ],
)
@pytest.mark.parametrize(
    "command", ["add middleware timing", "remove router NAME", "list routers", "list middleware"]
)
def test_an_operation_that_cannot_be_added(
    project: Path, name: str, options: str, command: str
) -> None:
    path = project / ".fastgen" / "operations" / f"router-{name}.toml"
    path.write_text(f'kind = "router"\nname = "{name}"\n{options}\nafter = ""\n')
    before = snapshot(project)

    result = fastgen(*command.replace("NAME", name).split(), cwd=project)

    assert result.code == (2 if command == "remove router NAME" and name == "app" else 4)
    assert snapshot(project) == before


ORDERS = 'kind = "router"\nname = "orders"\nfields = ["total:decimal", "note:text"]\n'
CHANGING = [
    *("add router zones", "add middleware timing", "add field items zz:int", "add extra metrics"),
    *("add pattern cache", "remove router feedback", "remove middleware timing"),
    *("remove field items price", "remove extra metrics", "remove pattern cache", "update"),
]


@pytest.mark.parametrize("command", [*CHANGING, "update --check", "list routers", "doctor"])
@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("router-orders", ORDERS.replace("decimal", "zz"), "its type is not known"),
        ("router-orders", ORDERS.replace("total:decimal", "class:int"), "is not a field"),
        ("router-orders", ORDERS.replace("note:text", "total:int"), "two fields called `total`"),
        ("router-orders", f'{ORDERS}singular = "class"\n', "with the singular `class`"),
        ("router-orders", ORDERS.replace("note:text", "item:ref(nothing)"), "no router `nothing`"),
        ("router-app", ORDERS.replace("orders", "app"), "`app` cannot be the name"),
        ("router-app", 'kind = "router"\nname = "app"\ntemplate = "feedback"\n', "no template"),
        (f"router-{'x' * 200}", ORDERS.replace("orders", "x" * 200), "longer than 32"),
        ("extra-zz", 'kind = "extra"\nname = "zz"\n', "is not an extra on offer"),
        ("middleware-cors", 'kind = "middleware"\nname = "cors"\n', "a part of every project"),
        *(
            (
                f"field-{name.replace('.', '-')}",
                f'kind = "field"\nname = "{name}"\nfield = "{field}"\n',
                reason,
            )
            for name, field, reason in [
                ("items.price", "price:int", "two fields called `price`"),
                ("nothing.a", "a:int", "no router `nothing` for the field"),
                ("feedback.a", "a:int", "no router `feedback` for the field"),
                ("items.a", "b:int", "the field `items.a` is called `b`"),
                ("items.a_id", "a:ref(nothing)", "no router `nothing` to refer to"),
                ("items.a_id", "a:ref(feedback)", "no router `feedback` to refer to"),
            ]
        ),
    ],
)
def test_every_command_finds_a_damaged_operation(
    project: Path, path: str, text: str, reason: str, command: str
) -> None:
    file = project / ".fastgen" / "operations" / f"{path}.toml"
    file.write_text(text)
    before = snapshot(project)

    assert_damaged(project, command, file, reason)
    assert snapshot(project) == before


@pytest.mark.parametrize("command", [*CHANGING, "update --check", "list routers", "doctor"])
@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('name = "shop"', 'name = "app"', "`app` cannot be the name of a project"),
        ('name = "shop"', 'name = "class"', "`class` cannot be the name of a project"),
        ('name = "shop"', f'name = "{"x" * 300}"', "longer than 64"),
        ('title = "Shop"', f'title = "{"x" * 201}"', "the maximum is 200"),
    ],
)
def test_every_command_finds_a_damaged_answer(
    project: Path, before: str, after: str, reason: str, command: str
) -> None:
    file = project / ".fastgen.toml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))

    assert_damaged(project, command, file, reason)


def test_resources_that_refer_to_each_other(project: Path) -> None:
    for name, other in (("orders", "zones"), ("zones", "orders")):
        text = f'kind = "field"\nname = "{name}.{other}_id"\nfield = "{other}:ref({other})"\n'
        operations = project / ".fastgen" / "operations"
        (operations / f"field-{name}-{other}_id.toml").write_text(text)
        (operations / f"router-{name}.toml").write_text(ORDERS.replace("orders", name))

    reason = "`orders` and `zones` refer to each other"
    assert_damaged(project, "add middleware timing", project / ".fastgen/operations", reason)


def assert_damaged(project: Path, command: str, file: Path, reason: str) -> None:
    """The command names the damaged file and the reason, and ends with 4; the doctor with 1."""
    result = fastgen(*command.split(), "--json", cwd=project)
    document = result.document
    if command == "doctor":
        assert result.code == 1
        message = next(each["summary"] for each in document["data"] if each["name"] == "state")
    else:
        assert result.code == 4
        message = document["error"]["message"]
    assert message.startswith(f"`{file}` is damaged: ")
    assert reason in message


def test_a_middleware_with_a_name_that_is_too_long(project: Path) -> None:
    name = "a" * 200
    path = project / ".fastgen" / "operations" / f"middleware-{name}.toml"
    path.write_text(f'kind = "middleware"\nname = "{name}"\nafter = ""\n')

    assert fastgen("add", "middleware", "timing", cwd=project).code == 4


@pytest.mark.parametrize("path", [".fastgen", ".fastgen/operations"])
def test_a_folder_that_leads_outside(project: Path, path: str, tmp_path: Path) -> None:
    outside = (project / path).rename(tmp_path / "outside")
    (project / path).symlink_to(outside)
    before = snapshot(tmp_path)

    result = fastgen("add", "middleware", "timing", cwd=project)

    assert result.code == 4
    assert f"`{project / path}` is damaged: it is not a folder." in result.err
    assert snapshot(tmp_path) == before


def test_a_project_of_the_first_schema(project: Path) -> None:
    path = project / ".fastgen.toml"
    path.write_text(path.read_text().replace("schema = 2", "schema = 1"))

    result = fastgen("list", "routers", cwd=project)

    assert result.code == 4
    assert "was written by another version of fastgen" in result.err


def test_a_folder_with_operations_alone_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "shop" / ".fastgen" / "operations").mkdir(parents=True)
    before = snapshot(tmp_path)

    result = fastgen("new", ".", cwd=tmp_path / "shop")

    assert result.code == 3
    assert "is not empty" in result.err
    assert snapshot(tmp_path) == before


def test_the_folders_of_the_last_operation_go(project: Path) -> None:
    for name in ("feedback", "items"):
        assert (project / ".fastgen").is_dir()
        assert fastgen("remove", "router", name, cwd=project).code == 0

    assert not (project / ".fastgen").exists()
    assert fastgen("add", "router", "orders", cwd=project).code == 0
    assert fastgen("list", "routers", cwd=project).out.startswith("orders ")
