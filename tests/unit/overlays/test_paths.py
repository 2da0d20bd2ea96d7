import pytest

from fastgen.errors import Refused
from fastgen.overlays.paths import (
    check_cases,
    check_output_path,
    check_template_path,
    matches,
    shown,
)


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "a//x", "a/.git/hooks/x", ".GIT/x"])
def test_unsafe_paths_of_templates(path: str) -> None:
    with pytest.raises(Refused, match="not safe"):
        check_template_path(path)


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".ENV",
        ".env.",
        ".fastgen.toml",
        ".Fastgen.TOML",
        ".fastgen/operations/router-x.toml",
        ".fastgen-0123456789abcdef-edit/journal.json",
        ".git/config",
        "sub/.git/config",
        "GIT~1/config",
    ],
)
def test_protected_paths(path: str) -> None:
    with pytest.raises(Refused, match="no overlay can write"):
        check_output_path(path)


@pytest.mark.parametrize("path", ["a:b", "a?", "x/con", "nul.txt", "a.", "a ", "a\\b", "a\nb"])
def test_names_that_windows_cannot_have(path: str) -> None:
    with pytest.raises(Refused, match="not possible on all systems"):
        check_output_path(path)


@pytest.mark.parametrize(
    "path", [".env.example", ".github/x.yml", "a b/ü.txt", "sub/.env", "con-x"]
)
def test_usual_paths(path: str) -> None:
    check_template_path(path)
    check_output_path(path)


def test_paths_that_differ_by_case() -> None:
    check_cases(["app/a", "app/b", "README.md"])
    for paths in (["README.md", "readme.md"], ["app/a", "App/b"], ["\u00e9", "e\u0301"]):
        with pytest.raises(Refused, match="beside"):
            check_cases(paths)


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("README.md", "README.md", True),
        ("README.md", "./README.md", True),
        ("README.md", "readme.md", False),
        ("docs/README.md", "README.md", False),
        (".github/workflows/ci.yml", ".github/*", True),
        ("a[1].txt", "a[1].txt", True),
    ],
)
def test_paths_that_may_be_replaced(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, ["other", pattern]) == expected


def test_texts_of_templates_cannot_control_a_terminal() -> None:
    assert shown("a\x1b[31m\nb") == "a\\x1b[31m b"
    assert len(shown("x" * 1000)) < 300
