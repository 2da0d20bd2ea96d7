import ast
import keyword
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.errors import BadInput
from fastgen.names import reserved
from fastgen.names.display import listed
from fastgen.names.project_names import check_project_name, default_title
from fastgen.names.resource_names import ResourceName, class_name
from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import Environment
from tests.support import TEMPLATES, generate

SUGGESTION = re.compile(r"Try `([^`]+)`\.")
SINGULAR = re.compile(r"`--singular ([^`]+)`")

BAD_PROJECT_NAMES = [
    "",
    " ",
    "a b",
    "1abc",
    "-a",
    "a-",
    "a--b",
    "a.b",
    "../evil",
    "/evil",
    "a/b",
    "a\\b",
    "~evil",
    "ﬁn",
    "Ａpp",
    "shöp",
    "\u202eshop",
    "sh\nop",
    "x" * 65,
    "x" * 300,
    "class",
    "match",
    "None",
    "os",
    "test",
    "json",
    "fastapi",
    "Pydantic_Core",
    "sqladmin",
    "click",
    "Typing_Inspection",
    "pytest",
    "app",
    "tests",
    "core",
    "api",
    "migrations",
    "CON",
    "lpt9",
    "graphlib",
]


@pytest.mark.parametrize("name", BAD_PROJECT_NAMES)
def test_an_impossible_project_gets_the_rule_and_a_name_that_works(name: str) -> None:
    with pytest.raises(BadInput) as failure:
        check_project_name(name)

    assert failure.value.message.isprintable()
    assert failure.value.message.isascii()
    suggestion = SUGGESTION.fullmatch(failure.value.hint)
    assert suggestion is not None
    assert check_project_name(suggestion[1]) == suggestion[1]


def test_backticks_do_not_end_a_name_in_a_message() -> None:
    with pytest.raises(BadInput, match=re.escape(r"`a\x60b` cannot be the name")):
        check_project_name("a`b")


def test_a_resource_can_have_the_name_of_an_indirect_requirement() -> None:
    assert ResourceName.of("clicks").singular == "click"


@pytest.mark.parametrize("name", ["shop", "my-app", "my_app", "MyApp", "a", "x" * 64, "shop2"])
def test_possible_projects(name: str) -> None:
    assert check_project_name(name) == name


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_gets_one(text: str) -> None:
    try:
        assert check_project_name(text) == text
    except BadInput as error:
        suggestion = SUGGESTION.fullmatch(error.hint)
        assert suggestion is not None
        check_project_name(suggestion[1])


@pytest.mark.parametrize(
    ("plural", "singular", "model", "url"),
    [
        ("orders", "order", "Order", "orders"),
        ("order_lines", "order_line", "OrderLine", "order-lines"),
        ("order-lines", "order_line", "OrderLine", "order-lines"),
        ("order-line_items", "order_line_item", "OrderLineItem", "order-line-items"),
        ("people", "person", "Person", "people"),
        ("zombies", "zombie", "Zombie", "zombies"),
        ("aliases", "alias", "Alias", "aliases"),
    ],
)
def test_the_forms_of_a_resource(plural: str, singular: str, model: str, url: str) -> None:
    name = ResourceName.of(plural)

    assert (name.singular, name.model, name.url) == (singular, model, url)
    assert name.plural == url.replace("-", "_")
    assert name.is_regular


@pytest.mark.parametrize("singular", ["fish_stock", "fish-stock"])
def test_a_singular_can_be_given(singular: str) -> None:
    name = ResourceName.of("stocks", singular)

    assert (name.model, name.singular, name.is_regular) == ("FishStock", "fish_stock", False)


BAD_RESOURCE_NAMES = [
    "",
    "Orders",
    "OrderLines",
    "ORDERS",
    "order lines",
    "order--lines",
    "order-_lines",
    "-orders",
    "orders-",
    "2orders",
    "_orders",
    "orders__old",
    "x" * 33,
    "x" * 300,
    "ordérs",
    "оrders",  # with a Cyrillic letter
    "orders\u200b",
    "../orders",
    "orders/",
    "orders\n",
    "list",
    "types",
    "class",
    "queue",
    "queues",
    "fastapi",
    "models",
    "rows",
    "cursors",
    "statuses",
    "data",
    "id",
    "exceptions",  # the model would be `Exception`
    "value_errors",
    "sessions",
    "cons",
    "sqlite_sequences",
    "item_repository",
    *keyword.kwlist,
    *keyword.softkwlist,
]


@pytest.mark.parametrize("name", BAD_RESOURCE_NAMES)
def test_an_impossible_resource_gets_the_rule_and_a_name_that_works(name: str) -> None:
    with pytest.raises(BadInput) as failure:
        ResourceName.of(name)

    assert failure.value.message.isprintable()
    assert failure.value.message.isascii()
    suggestion = SUGGESTION.fullmatch(failure.value.hint)
    assert suggestion is not None
    ResourceName.of(suggestion[1])


def test_a_long_name_is_shortened_by_words() -> None:
    with pytest.raises(BadInput) as failure:
        ResourceName.of("order_lines_of_the_very_long_names")

    assert failure.value.hint == "Try `order_the_very_long_names`."


@pytest.mark.parametrize("singular", ["../x", "Order", "list", "class", "x" * 33, "exception"])
def test_an_impossible_singular_is_named(singular: str) -> None:
    with pytest.raises(BadInput, match="with the singular") as failure:
        ResourceName.of("orders", singular)

    suggestion = SUGGESTION.fullmatch(failure.value.hint)
    assert suggestion is not None
    ResourceName.of(suggestion[1])


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_resource_or_gets_one(plural: str, singular: str) -> None:
    try:
        ResourceName.of(plural, singular)
    except BadInput as error:
        if suggestion := SUGGESTION.fullmatch(error.hint):
            ResourceName.of(suggestion[1])
        else:
            option = SINGULAR.search(error.hint)
            assert option is not None
            ResourceName.of(plural, option[1])


@pytest.mark.parametrize(
    "name", ["series", "sheep", "news", "staff", "equipment", "leaves", "axes", "order", "x" * 32]
)
def test_a_singular_that_cannot_be_derived_has_to_be_given(name: str) -> None:
    with pytest.raises(BadInput) as failure:
        ResourceName.of(name)

    assert failure.value.message == f"Cannot derive the singular of `{name}`; pass `--singular`."
    option = SINGULAR.search(failure.value.hint)
    assert option is not None
    assert ResourceName.of(name, option[1]).singular == option[1]


def test_the_singular_is_another_word() -> None:
    with pytest.raises(BadInput, match="must be another word"):
        ResourceName.of("sheep", "sheep")


def test_titles() -> None:
    assert default_title("my-app_two") == "My app two"
    assert default_title("API") == "API"


def test_every_requirement_of_a_project_is_reserved(plain_project: Path) -> None:
    project = tomllib.loads((plain_project / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    wanted = project["project"]["dependencies"] + groups["lint"] + groups["test"]
    names = {re.split(r"[\[>=<; ]", line)[0] for line in wanted if isinstance(line, str)}

    assert names <= reserved.REQUIREMENTS


def test_the_requirements_of_all_that_can_be_added_are_reserved() -> None:
    texts = [
        requirement
        for path in TEMPLATES.rglob("*.toml")
        for requirement in re.findall(r'"([a-z][a-z0-9-]+)(?:\[[a-z,]+\])?>=', path.read_text())
    ]

    assert {"celery", "sqladmin", "redis"} <= {*texts}
    assert {*texts} <= reserved.REQUIREMENTS


def test_a_model_cannot_have_the_name_of_an_import(tmp_path: Path) -> None:
    """Of a module that imports the model too: one would take the place of the other."""
    operations = (*EXAMPLES, Operation("extra", "graphql"))
    chosen = ("auth", "cache", "streaming")
    project = generate(tmp_path, patterns=chosen, operations=operations)
    modules = [parse(path) for path in project.glob("app/**/item*.py")]
    names = {name for module in modules for name in imported(module) if "Item" in imported(module)}

    assert {"Annotated", "APIRouter", "Path"} <= names
    for name in names:
        singular = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        if class_name(singular) == name and not name.startswith("Item"):
            with pytest.raises(BadInput):
                ResourceName.of("things", singular)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(module: ast.Module) -> set[str]:
    statements = [node for node in module.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in statements for alias in node.names}


PRINT_ATTRIBUTES = """
import warnings
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase

class Base(AsyncAttrs, DeclarativeBase):
    pass

def public(model):
    return sorted({name for name in [*dir(model), *dir(type(model))] if name[0] != "_"})

def warns(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        type("Model", (BaseModel,), {"__annotations__": {name: int}})
    return bool(caught)

print(*public(BaseModel))
print(*public(Base))
print(*(name for name in public(BaseModel) if warns(f"{name}_more")))
"""


def test_reserved_attributes_are_those_of_the_installed_libraries(environment: Environment) -> None:
    result = environment.run("python", "-c", PRINT_ATTRIBUTES, cwd=Path.cwd())

    assert result.code == 0, result.err
    pydantic, sqlalchemy, prefixes = (set(line.split()) for line in result.out.splitlines())
    assert pydantic == reserved.PYDANTIC
    assert sqlalchemy == reserved.SQLALCHEMY - {"type_annotation_map"}
    assert prefixes == {name for name in pydantic if name.startswith(reserved.PYDANTIC_PREFIXES)}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed_in_a_sentence(words: list[str], sentence: str) -> None:
    assert listed(words) == sentence
