"""Imports that changes bring, and that resolve to nothing after them."""

from pathlib import Path

import pytest

from fastgen.changes import Change
from fastgen.planning.unresolved_imports import new_unresolved_imports


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in {
        "app/__init__.py": "",
        "app/models.py": "class Item: ...\n\n\nif True:\n    rows = 1\n",
        "app/old.py": "from app.gone import Gone\n",
        "app/names.py": "gone()\n",
        "tests/support.py": "NAME = 1\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("app/new.py", "from app.models import Item, rows", []),
        ("app/new.py", "from app.models import Item, Product", ["app.models.Product"]),
        ("app/new.py", "from .settings import A, B", ["app.settings"]),
        ("app/new.py", "import app.settings", ["app.settings"]),
        ("tests/new.py", "from tests.support import NAME, other", ["tests.support.other"]),
        ("app/old.py", "from app.gone import Gone, Gone2", []),
        ("app/old.py", "from app.models import Other", ["app.models.Other"]),
        ("app/new.txt", "from app.models import Other", []),
        ("app/new.py", "router.add(rows)", ["router", "rows"]),
        ("app/new.py", "def f(a): return [len(b) + a for b in a], __name__", []),
        ("app/new.py", "from app.models import *; router.add(1)", []),
        ("app/names.py", "gone(); gone(1); lost()", ["lost"]),
        ("app/new.py", "from app.models import", []),
    ],
)
def test_each_import_is_resolved(root: Path, path: str, text: str, names: list[str]) -> None:
    found = new_unresolved_imports(root, [Change(path, text)])

    assert [(each.path, each.line, each.name) for each in found] == [
        (path, 1, name) for name in names
    ]


def test_what_the_same_changes_bring_is_there(root: Path) -> None:
    user = Change("app/new.py", "from app.models import Product\nfrom app.conf.settings import A")
    model = Change("app/models.py", "class Product: ...\n")
    settings = Change("app/conf/settings.py", "A = 1\n")

    assert [*new_unresolved_imports(root, [user, model, settings])] == []


def test_what_the_same_changes_delete_is_not_there(root: Path) -> None:
    user = Change("app/new.py", "from app.models import Item\n")

    found = new_unresolved_imports(root, [user, Change("app/models.py", None)])

    assert [each.name for each in found] == ["app.models"]
