"""Imports that a merge of text has removed, and that people use."""

import pytest

from fastgen.merge import MergedFile
from fastgen.planning.used_imports import with_used_imports

USE = "\n\ncheck = {}\n"


def merged(
    ours: str, after: str, removed: frozenset[str] = frozenset()
) -> tuple[str, list[tuple[int, str]]]:
    file = MergedFile("app/x.py", "merged", after.encode())
    found, broken = with_used_imports(file, ours.encode(), removed)
    return (found.content or b"").decode(), [(each.line, each.name) for each in broken]


@pytest.mark.parametrize(
    ("before", "after", "use", "expected"),
    [
        ("from a import b, c\n", "from a import c\n", "b(c)", "from a import b, c\n"),
        ("from a import b as d\n", "from a import c\n", "d(c)",
         "from a import c\nfrom a import b as d\n"),
        ("from a import b\n", '"""Text."""\n', "b()", '"""Text."""\n\nfrom a import b\n'),
        ("import a\n", "import b\n", "a.b", "import a\nimport b\n"),
        ("import a as c\n", "from b import d\n", "c.d", "import a as c\nfrom b import d\n"),
        ("import a.b\n", "import a.c\n", "a.b(a.c)", "import a.b\nimport a.c\n"),
        ("import json\n", "import a\n\nfrom app import b\n", "json.a(a, b)",
         "import json\n\nimport a\n\nfrom app import b\n"),
        ("from a import b\n", "import json\n\nfrom app import c\n", "b(json, c)",
         "import json\n\nfrom a import b\n\nfrom app import c\n"),
        ("from tests.a import b\n", "import json\n\nfrom app import c\n", "b(json, c)",
         "import json\n\nfrom app import c\nfrom tests.a import b\n"),
        ("from a import " + "c" * 42 + ", d\n", f"from a import {'c' * 42}, {'d' * 42}\n", "d",
         f"from a import (\n    {'c' * 42},\n    d,\n    {'d' * 42},\n)\n"),
    ],
)  # fmt: skip
def test_an_import_comes_back(before: str, after: str, use: str, expected: str) -> None:
    code = USE.format(use)

    assert merged(before + code, after + code) == (expected + code, [])


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ("", "check = 1"),  # nothing uses it
        ("from c import b\n", "check = b"),  # another one has its name
        ("b = 1\n", "check = b"),
        ("", "def check(b): return b"),
        ("def b(): ...\n", "check = b"),
        ("<<<<<<< yours\n", "check = b"),
    ],
)
def test_nothing_comes_back(after: str, code: str) -> None:
    assert merged(f"from a import b\n{code}\n", f"{after}{code}\n") == (f"{after}{code}\n", [])


def test_a_name_that_only_a_function_binds_comes_back() -> None:
    code = "\n\ndef one(b):\n    return b\n\n\ndef two():\n    return b\n"

    text, _ = merged(f"from a import b\n{code}", f"import c\n{code}")

    assert text == f"import c\nfrom a import b\n{code}"


def test_line_ends_stay() -> None:
    text = merged("from a import b\r\n\r\ncheck = b\r\n", "\ufeffimport c\r\n\r\ncheck = b\r\n")[0]

    assert text == "\ufeffimport c\r\nfrom a import b\r\n\r\ncheck = b\r\n"


@pytest.mark.parametrize("removed", ["app.b", "app.b.c"])
def test_what_is_removed_does_not_come_back(removed: str) -> None:
    code = "\n\ncheck = c\n"

    text, broken = merged(f"from app.b import c\n{code}", code, frozenset([removed]))

    assert (text, broken) == (code, [(3, removed)])
