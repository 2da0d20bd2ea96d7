import ast
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from fastgen.changes import Change
from fastgen.errors import BadInput, Refused
from fastgen.names.field_names import field_name_problem
from fastgen.names.resource_names import MAX_LENGTH
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.resources.resource_files import add_router
from tests.matrix.combinations import EVERYTHING
from tests.support import generate

FIELDS = (
    "label:str:max=40:unique",
    "amount:decimal:min=1:max=5",
    "state:enum(new|old)",
    "note:text:optional",
    "size_in_mm:int",
    "ratio:float:min=0",
    "open:bool:default=true",
    "day:date",
    "moment:datetime:optional",
    "key:uuid:unique",
    "address:email",
    "link:url",
    "extra:json",
    "item:ref(items)",
)
LONG = Operation("router", f"{'i' * 31}s", {"fields": ("name:str",), "owned": "no"})
BEFORE = (*EXAMPLES, LONG)
PATTERNS: tuple[tuple[str, ...], ...] = ((), ("database",), ("database", "auth"))
"""Every form of a file of a resource is in one of these."""


def rendered(
    project: Path, plural: str, singular: str = "", fields: tuple[str, ...] = FIELDS
) -> list[Change]:
    options: dict[str, str | tuple[str, ...]] = {"fields": fields}
    if singular:
        options["singular"] = singular
    operation = Operation("router", plural, options)
    return [change for one in PATTERNS for change in add_router(project, one, operation, BEFORE)]


def bound(node: ast.AST) -> Iterator[str]:
    """The names that a module, a class or a function binds itself, each time that it does."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.alias():
                yield child.asname or child.name
            case ast.arg():
                yield child.arg
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield child.name
                continue
            case ast.Name(ctx=ast.Store()):
                yield child.id
        yield from bound(child)


@cache  # most files are the same with and without patterns
def collisions(source: str) -> set[str]:
    """Names that mean two things: bound twice, or bound again inside of a function."""
    module = ast.parse(source)
    outside = Counter(bound(module))
    twice = {name for name, times in outside.items() if times > 1}
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = Counter(bound(node))
            twice |= {name for name, times in inside.items() if times > 1}
            twice |= inside.keys() & outside.keys()
    return twice


def words_of(project: Path) -> set[str]:
    """What a resource could be called to be taken for something that its files use."""
    words = set()
    for change in rendered(project, "zebras"):
        names = set(bound(ast.parse(change.text or ""))) | {
            node.id for node in ast.walk(ast.parse(change.text or "")) if isinstance(node, ast.Name)
        }
        for name in names:
            snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")
            parts = snake.split("_")
            words |= {"_".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return {word for word in words if "zebra" not in word and not word.startswith("test_")}


def test_no_resource_is_taken_for_what_its_files_use(plain_project: Path) -> None:
    normal = [collisions(change.text or "") for change in rendered(plain_project, "zebras")]
    confused = {}
    tried = 0
    for word in sorted(words_of(plain_project)):
        for plural, singular in ((word, "zebra"), ("zebras", word)):
            try:
                changes = rendered(plain_project, plural, singular)
            except (BadInput, Refused):
                continue
            tried += 1
            for change, expected in zip(changes, normal, strict=True):
                if further := collisions(change.text or "") - expected:
                    confused[plural, singular, change.path] = further

    assert confused == {}
    assert tried > 10


def shadowed(source: str) -> set[str]:
    """Names that a class binds in its body, and also uses there for something else."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            attributes = {
                statement.target.id
                for statement in node.body
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
            }
            used = {
                each.id
                for statement in node.body
                if not isinstance(statement, ast.FunctionDef)
                for each in ast.walk(statement)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
            }
            found |= attributes & used
    return found


@pytest.mark.parametrize("kind", ["str:max=90:unique", "enum(a|b):default=a", "bool:default=true"])
def test_no_field_shadows_what_its_files_use(plain_project: Path, kind: str) -> None:
    used = {
        node.id
        for change in rendered(plain_project, "zebras")
        for node in ast.walk(ast.parse(change.text or ""))
        if isinstance(node, ast.Name)
    }
    own = {specification.partition(":")[0] for specification in FIELDS} | {"item_id"}
    filters = {f"{name}_{suffix}" for name in own for suffix in ("min", "max", "is_null")}
    names = sorted(name for name in used - own - filters if not field_name_problem(name))

    changes = rendered(
        plain_project, "zebras", fields=(*FIELDS, *(f"{name}:{kind}" for name in names))
    )

    confused = [(change.path, shadowed(change.text or "")) for change in changes]
    assert [(path, names) for path, names in confused if names] == []
    assert len(names) > 20


def test_imports_are_sorted_as_ruff_does(plain_project: Path, tmp_path: Path) -> None:
    names = ("get_all", "getter", "step_10", "step_9", "step2", "create", "read")

    changes = rendered(plain_project, "orders", fields=tuple(f"{n}:enum(a|b)" for n in names))

    for number, change in enumerate(changes):
        path = tmp_path / change.path.replace(".py", f"_{number}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change.text or "", "utf-8")
    config = f"--config={plain_project / 'pyproject.toml'}"
    assert ruff(tmp_path, "check", "--no-cache", "--select=I", config) == "All checks passed!\n"


KINDS = (
    "str:max=90:unique",
    "text:optional",
    "int:default=3:min=-1000000000",
    "decimal:min=-1000000.25:max=1000000.25:unique",
    "enum(a|b):default=b",
    "float:default=0.5:max=1000000.25",
    "bool:default=true",
    "date:optional:default=2030-01-31",
    "datetime:default=2030-01-31T12:00:00Z",
    "uuid:optional:default=00000000-0000-4000-8000-000000000000",
    "email:unique",
    "url:default=https://example.com/path",
    "json",
    f"ref({'i' * 31}s)",
    "ref(items):optional",
)


LETTERS = "apz"
"""Names start with these: the first letter decides about the order of imports."""


@pytest.mark.parametrize(
    ("length", "letter"),
    [
        (length, letter)
        for length in range(1, MAX_LENGTH + 1)
        for letter in (LETTERS if EVERYTHING else LETTERS[length % len(LETTERS)])
    ],
)
def test_the_layout_is_that_of_a_formatter_at_any_length_of_names(
    plain_project: Path, tmp_path: Path, length: int, letter: str
) -> None:
    plural, singular = letter + "b" * (length - 1), letter + "q" * (length - 1)
    if length == 1:
        plural += "b"  # of one letter, a plural would be its singular
    for size, fields in enumerate((KINDS, *[(kind,) for kind in KINDS])):
        names = [f"{'f' * (length - 1)}{letter}" for letter in "ghjkmnprstuvwxy"]
        specifications = tuple(f"{name}:{kind}" for name, kind in zip(names, fields, strict=False))
        changes = rendered(plain_project, plural, singular, specifications)
        for number, change in enumerate(changes):
            path = tmp_path / change.path.replace(".py", f"_{size}_{number}.py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change.text or "", "utf-8")

    config = ["--config", str(plain_project / "pyproject.toml"), "--no-cache"]
    formatted = ruff(tmp_path, "format", "--diff", *config)
    checked = ruff(tmp_path, "check", "--ignore=INP001,N999", "--output-format=concise", *config)

    assert formatted.splitlines()[:20] == []
    assert checked.splitlines() == ["All checks passed!"]


def ruff(folder: Path, *arguments: str) -> str:
    command = [f"{sysconfig.get_path('scripts')}/ruff", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    "fields",
    [
        ("v:text:min=300",),
        (f"{'v' * 32}:str:min=20", f"{'w' * 32}:str:min=21:optional"),
        (f"v:str:default={'x' * 150}",),
        (f"v:str:optional:default={'several words = (none of them) ' * 5}",),
        ("v:str:default=" + "\u6587" * 60,),
        (f"{'v' * 32}:url:default=https://example.com/{'x' * 1000}",),
        ("v:str:not=" + "|".join(("x" * 60, "\u6587" * 30, 'it\'s "[so]"', "a", "A")),),
        tuple(f"field_{number}:str" for number in range(30)),
    ],
)
def test_the_layout_is_that_of_a_formatter_for_any_values(
    plain_project: Path, tmp_path: Path, fields: tuple[str, ...]
) -> None:
    for number, change in enumerate(rendered(plain_project, "orders", fields=fields)):
        path = tmp_path / change.path.replace(".py", f"_{number}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change.text or "", "utf-8")

    config = ["--config", str(plain_project / "pyproject.toml"), "--no-cache"]
    formatted = ruff(tmp_path, "format", "--diff", *config)
    checked = ruff(tmp_path, "check", "--ignore=INP001,N999", "--output-format=concise", *config)

    assert formatted.splitlines()[:20] == []
    assert checked.splitlines() == ["All checks passed!"]


@pytest.mark.parametrize("fields", [("share:float:min=0:max=1",), ("count:int:min=5:max=6",)])
def test_a_number_with_two_values_is_enough(plain_project: Path, fields: tuple[str, ...]) -> None:
    assert rendered(plain_project, "orders", fields=fields)


def test_nothing_is_written(plain_project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in plain_project.rglob("*")}

    rendered(plain_project, "orders")

    assert before == {path: path.stat().st_mtime_ns for path in plain_project.rglob("*")}


def test_the_same_operation_gives_the_same_bytes(plain_project: Path) -> None:
    assert rendered(plain_project, "orders") == rendered(plain_project, "orders")


def test_a_file_in_the_way_is_refused(plain_project: Path) -> None:
    with pytest.raises(Refused, match=r"`app/api/v1/items\.py` exists already"):
        rendered(plain_project, "items", fields=("label:str",))


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("label:str", "label:text"),
        ("label:enum(only)",),
        ("line1:str", "line_1:str"),
        ("item:str", "item:ref(items)"),
        ("read:str", "read_value:str"),
        ("total:int", "total_min:enum(a|b)"),
    ],
)
def test_impossible_fields(plain_project: Path, fields: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        rendered(plain_project, "orders", fields=fields)


def test_no_other_folder_can_be_named(plain_project: Path) -> None:
    with pytest.raises(BadInput, match="no resource templates"):
        add_router(plain_project, (), Operation("router", "orders", {"template": "../project"}))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", []),
        ("items", ["app/tasks/export_items.py", "tests/queue/test_export_items.py"]),
    ],
)
def test_only_the_example_is_exported_by_a_task(
    name: str, expected: list[str], tmp_path: Path
) -> None:
    project = generate(tmp_path, patterns=("queue",), operations=())
    operation = Operation("router", name, {"fields": ("label:str",)})

    files = [change.path for change in add_router(project, ("queue", "procrastinate"), operation)]

    assert [path for path in files if "export" in path] == expected
