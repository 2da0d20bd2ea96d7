"""The page makes the same project as the command."""

import shlex
import tomllib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support import contents, fastgen
from tests.unit.web.client import get, query

CHOICE = query(
    title='Joe\'s "shop" $HOME',
    author="Zoë",
    patterns="auth,cache,queue",
    extras="metrics",
    router=["orders:total:decimal:min=0;item:ref(items)", "staff(employee):note:text:optional"],
    not_owned="staff",
)


def unpacked(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_has_the_bytes_that_the_shown_commands_write(tmp_path: Path) -> None:
    zipped = unpacked(get("/project.zip", CHOICE).content)

    new, enter, *further = get("/preview", CHOICE).json()["commands"]
    assert enter == "cd shop"
    assert len(further) == 2
    assert fastgen(*shlex.split(new)[1:], "--no-git", cwd=tmp_path).code == 0
    for command in further:
        assert fastgen(*shlex.split(command)[1:], "--yes", cwd=tmp_path / "shop").code == 0
    made = contents(tmp_path / "shop")
    assert zipped == {f"shop/{path}": content for path, content in made.items()}
    assert not (tmp_path / "shop" / ".git").exists()


def test_a_router_is_added_after_those_that_it_refers_to() -> None:
    choice = query(router=["lines:order:ref(orders)", "notes:text:text", "orders:number:int"])

    _, _, *added = get("/preview", choice).json()["commands"]

    assert [command.split()[3] for command in added] == ["orders", "lines", "notes"]


def test_the_file_makes_the_same_project(tmp_path: Path) -> None:
    described = get("/project.toml", CHOICE)
    assert described.headers["content-disposition"] == 'attachment; filename="shop.toml"'
    (tmp_path / "shop.toml").write_bytes(described.content)

    assert fastgen("new", "--from", "shop.toml", "--no-git", cwd=tmp_path).code == 0

    zipped = unpacked(get("/project.zip", CHOICE).content)
    made = contents(tmp_path / "shop")
    assert zipped == {f"shop/{path}": content for path, content in made.items()}


def test_the_zip_is_the_same_whenever_it_is_made() -> None:
    first, second = get("/project.zip", query()), get("/project.zip", query())

    assert first.content == second.content
    assert first.headers["content-disposition"] == 'attachment; filename="shop.zip"'
    with ZipFile(BytesIO(first.content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_without_parameters_it_is_the_default_of_the_command() -> None:
    preview = get("/preview", query()).json()

    assert preview["patterns"] == ["database"]
    assert preview["commands"] == ["fastgen new shop --with database"]
    assert (preview["title"], preview["description"]) == ("Shop", "The Shop service.")


def test_the_tree_names_the_pattern_of_each_file() -> None:
    tree = get("/tree", query(patterns="websockets")).json()

    patterns = {file["path"]: file["pattern"] for file in tree}
    assert all(file.keys() == {"path", "bytes", "pattern"} for file in tree)
    assert patterns["docs/websockets.md"] == "websockets"
    assert patterns["app/main.py"] is None
    assert set(patterns.values()) == {None, "websockets"}  # also the foundations that it needs
    zipped = unpacked(get("/project.zip", query(patterns="websockets")).content)
    assert {f"shop/{file['path']}": file["bytes"] for file in tree} == {
        path: len(content) for path, content in zipped.items()
    }


def test_a_file_is_read_as_text() -> None:
    response = get("/file", query(path="app/main.py"))

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "def create_app(" in response.text
    for path in ("", "../etc/passwd", "/etc/passwd", "app", ".env"):
        assert get("/file", query(path=path)).status_code == 404


def test_the_difference_of_a_pattern() -> None:
    found = get("/difference", query(patterns="auth", part="database")).json()

    assert found["others"] == ["auth"]
    assert "docs/auth.md" in found["added"]
    assert "app/memory/database.py" in found["removed"]
    changed = {file["path"]: file["lines"] for file in found["changed"]}
    assert "-patterns = []" in changed[".fastgen.toml"]
    assert '+patterns = ["database", "auth"]' in changed[".fastgen.toml"]
    for part in ("", "nothing", "all", "none", "auth,cache"):
        assert get("/difference", query(part=part)).status_code == 422


@pytest.mark.parametrize("chosen", ["all", "none"])
def test_every_pattern_and_extra_makes_a_difference(chosen: str) -> None:
    offer = get("/offer").json()

    for part in (*offer["patterns"], *offer["extras"]):
        found = get("/difference", query(patterns=chosen, part=part["name"])).json()
        assert f"docs/{part['name']}.md" in found["added"]


def test_the_difference_of_an_extra() -> None:
    found = get("/difference", query(patterns="none", part="metrics")).json()

    assert "app/metrics/setup.py" in found["added"]
    assert (found["others"], found["removed"]) == ([], [])
    assert "pyproject.toml" in [file["path"] for file in found["changed"]]


@pytest.mark.parametrize(
    "text",
    ["</script><script>alert(1)</script>", "'; drop --", "a\nb\r\n\tc", "日本 🦊 \u202e", ""],
)
def test_any_text_is_stored_as_it_was_typed(text: str) -> None:
    choice = query(title=text, description=text, author=text, patterns="none")

    stored = unpacked(get("/project.zip", choice).content)["shop/.fastgen.toml"]
    answers = tomllib.loads(stored.decode())["answers"]
    assert {answers[key] for key in ("title", "description", "author")} == {text}
