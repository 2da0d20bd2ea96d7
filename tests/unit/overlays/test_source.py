from pathlib import Path

import pytest

from fastgen.errors import BadInput
from fastgen.overlays.source import Source, parse_source, shown_source


def of(text: str, base: Path) -> tuple[str, str, str]:
    source = parse_source(text, base)
    return source.shown, source.ref, source.url


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-uhttps://example.com/x.git",
        "--upload-pack=touch x",
        "nowhere",
        "./nowhere@v1",
        "ext::sh -c touch% x",
        "fd::17/x",
        "ftp://example.com/x.git",
        "https://example.com",
        "https://example.com/x.git@",
        "https://example.com/x.git@-x",
        "https://example.com/x.git@a b",
        "file:///nowhere/at/all",
        "x\nhttps://example.com/x.git",
        "a" * 5000,
    ],
)
def test_neither_a_folder_nor_a_repository(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput):
        parse_source(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h.io/a/x", ("https://h.io/a/x", "", "https://h.io/a/x")),
        ("https://h.io/x.git@v1", ("https://h.io/x.git", "v1", "https://h.io/x.git")),
        ("https://h.io/x.git@a/b", ("https://h.io/x.git", "a/b", "https://h.io/x.git")),
        ("https://h.io/x.git@p@1", ("https://h.io/x.git", "p@1", "https://h.io/x.git")),
        ("git+https://h.io/x@v1", ("git+https://h.io/x", "v1", "https://h.io/x")),
        ("git@h.io:a/x.git", ("git@h.io:a/x.git", "", "git@h.io:a/x.git")),
        ("git@h.io:a/x@v1", ("git@h.io:a/x", "v1", "git@h.io:a/x")),
        ("ssh://git@h.io/x.git", ("ssh://git@h.io/x.git", "", "ssh://git@h.io/x.git")),
        ("gh:acme/x@v1", ("gh:acme/x", "v1", "https://github.com/acme/x.git")),
        ("gl:acme/x", ("gl:acme/x", "", "https://gitlab.com/acme/x.git")),
    ],
)
def test_repositories(tmp_path: Path, text: str, expected: tuple[str, str, str]) -> None:
    assert of(text, tmp_path) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ann:tok3n@h.io/x.git@v1", "https://h.io/x.git"),
        ("https://tok3n@h.io/x.git", "https://h.io/x.git"),
        ("git+https://tok3n@h.io/x.git", "git+https://h.io/x.git"),
        ("https://h.io/x.git?private_token=tok3n", "https://h.io/x.git"),
        ("ssh://ann:tok3n@h.io/x.git", "ssh://ann@h.io/x.git"),
    ],
)
def test_credentials_are_used_but_not_shown(tmp_path: Path, text: str, shown: str) -> None:
    source = parse_source(text, tmp_path)

    assert "tok3n" in source.url
    assert (source.shown, source.recorded(tmp_path)) == (shown, shown)
    assert "tok3n" not in shown_source(text)


def test_no_error_shows_credentials(tmp_path: Path) -> None:
    for text in ("foo://u:tok3n@h.io/x", "https://u:tok3n@h.io", "https://u:tok3n@h.io/x@^"):
        with pytest.raises(BadInput) as caught:
            parse_source(text, tmp_path)

        assert "tok3n" not in caught.value.message + caught.value.hint


class TestFolders:
    @pytest.fixture(autouse=True)
    def folders(self, tmp_path: Path) -> None:
        for name in ("rules", "rules@home", "work"):
            (tmp_path / name).mkdir()

    def test_a_folder(self, tmp_path: Path) -> None:
        source = parse_source("rules", tmp_path)

        assert (source.folder, source.ref, source.is_git) == (tmp_path / "rules", "", False)

    def test_a_ref(self, tmp_path: Path) -> None:
        source = parse_source("rules@feature/x", tmp_path)

        assert (source.folder, source.ref) == (tmp_path / "rules", "feature/x")
        assert source.is_git

    def test_the_name_of_a_folder_may_have_an_at_sign(self, tmp_path: Path) -> None:
        assert parse_source("rules@home", tmp_path).ref == ""
        assert parse_source("rules@home@v1", tmp_path).folder == tmp_path / "rules@home"

    @pytest.mark.parametrize("form", ["{0}", "rules", "file://{0}", "git+file://{0}", "git+{0}"])
    def test_is_recorded_relative_to_the_project(self, tmp_path: Path, form: str) -> None:
        source = parse_source(form.format(tmp_path / "rules"), tmp_path)

        assert source.recorded(tmp_path / "work" / "shop") == "../../rules"
        assert source.is_git == ("://" in form or "+" in form)

    def test_on_another_drive(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_paths: object) -> str:
            raise ValueError("path is on mount 'D:', start on mount 'C:'")

        monkeypatch.setattr("os.path.relpath", fail)

        with pytest.raises(Exception, match="another drive"):
            Source(shown="rules", folder=tmp_path).recorded(tmp_path)
