import re
import tomllib

import pytest

from fastgen.errors import BadInput
from fastgen.middleware.catalogue import IN_EVERY_PROJECT, find, known, normal
from fastgen.middleware.edits import make_files
from tests.support import TEMPLATES

TABLE = tomllib.loads((TEMPLATES / "middleware" / "catalogue.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("patterns", [(), ("cache",)], ids=["none", "cache"])
def test_each_has_its_class_and_its_test(name: str, patterns: tuple[str, ...]) -> None:
    addition = find(name)
    files = {file.path: file.text or "" for file in make_files(addition, patterns)}

    source = files[f"app/middleware/{addition.module}.py"]
    assert re.search(rf"^class {addition.name}\b", source, re.MULTILINE)
    assert addition.name in addition.entry
    assert [path for path in files if path.startswith("tests/middleware/test_")]
    assert addition.does


@pytest.mark.parametrize("name", known())
def test_each_has_its_place_and_its_settings(name: str) -> None:
    addition = find(name)

    assert addition.name in addition.order
    settings = {line.partition(":")[0].upper() for line in addition.settings}
    variables = {
        line.partition("=")[0] for line in addition.environment if not line.startswith("#")
    }
    assert settings == variables
    assert settings >= {
        one.upper() for one in re.findall(r"settings\.(\w+_\w+)", addition.entry)
    } - {
        "IN_PRODUCTION",
        "ALLOWED_ORIGINS",
    }


def test_the_table_names_nothing_else() -> None:
    classes = {find(name).name for name in known()}
    core = [name for name in TABLE["order"] if name not in classes]

    source = (TEMPLATES / "core" / "app" / "middleware" / "__init__.py").read_text()
    assert re.findall(r"Middleware\(\s*(\w+)", source) == core
    assert not {*known()} & {middleware.name for middleware in IN_EVERY_PROJECT}


@pytest.mark.parametrize(
    ("name", "recorded"), [("rate_limit", "rate-limit"), ("audit", "audit"), ("gzip", "gzip")]
)
def test_names_are_recorded_in_one_way(name: str, recorded: str) -> None:
    assert normal(name) == recorded


@pytest.mark.parametrize(
    "name", ["", "Audit", "a--b", "-a", "class", "settings", "../x", "x" * 33, "é"]
)
def test_impossible_names(name: str) -> None:
    with pytest.raises(BadInput) as failure:
        normal(name)

    hint = re.findall(r"`(.+)`", failure.value.hint)[0]
    assert normal(hint) == hint
