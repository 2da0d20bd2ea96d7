import keyword
import re
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastgen.names import reserved
from fastgen.errors import BadInput
from fastgen.names.project import check_project_name, default_title
from fastgen.names.resource import ResourceName

SUGGESTION = re.compile(r"Try `([^`]+)`\.")

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
    "pytest",
    "app",
    "tests",
    "core",
    "api",
    "migrations",
    "CON",
    "lpt9",
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
        ("people", "person", "Person", "people"),
        ("sales_people", "sales_person", "SalesPerson", "sales-people"),
        ("categories", "category", "Category", "categories"),
        ("boxes", "box", "Box", "boxes"),
        ("addresses", "address", "Address", "addresses"),
        ("buses", "bus", "Bus", "buses"),
        ("houses", "house", "House", "houses"),
        ("invoices", "invoice", "Invoice", "invoices"),
        ("movies", "movie", "Movie", "movies"),
        ("keys", "key", "Key", "keys"),
    ],
)
def test_the_forms_of_a_resource(plural: str, singular: str, model: str, url: str) -> None:
    name = ResourceName.of(plural)

    assert (name.singular, name.model, name.url) == (singular, model, url)


def test_a_singular_can_be_given() -> None:
    assert ResourceName.of("fish_stocks", "fish").model == "Fish"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Orders",
        "order-lines",
        "order lines",
        "2orders",
        "_orders",
        "orders__old",
        "x" * 33,
        "ordérs",
        "list",
        "types",
        "class",
        "queue",
        "fastapi",
        "models",
        "rows",
        "cursors",
        "statuses",
        "data",
        "id",
        *keyword.softkwlist,
    ],
)
def test_an_impossible_resource_gets_the_rule_and_a_name_that_works(name: str) -> None:
    with pytest.raises(BadInput) as failure:
        ResourceName.of(name)

    suggestion = SUGGESTION.fullmatch(failure.value.hint)
    assert suggestion is not None
    ResourceName.of(suggestion[1])


@pytest.mark.parametrize("name", ["series", "sheep", "news", "staff"])
def test_no_telling_the_singular(name: str) -> None:
    with pytest.raises(BadInput, match="no telling the singular"):
        ResourceName.of(name)


def test_titles() -> None:
    assert default_title("my-app_two") == "My app two"
    assert default_title("API") == "API"


def test_the_standard_library_is_known() -> None:
    with pytest.raises(BadInput):
        check_project_name("_".join(["graphlib"]))
    assert "graphlib" in sys.stdlib_module_names


def test_every_requirement_of_a_project_is_known(plain_project: Path) -> None:
    """A project cannot be called like what it installs."""
    project = tomllib.loads((plain_project / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    wanted = project["project"]["dependencies"] + groups["lint"] + groups["test"]
    names = {re.split(r"[\[>=<; ]", line)[0] for line in wanted if isinstance(line, str)}

    assert names <= reserved.REQUIREMENTS
