"""`fastgen new`, from outside."""

import json
import os
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from fastgen.cli import run
from fastgen.project.operations import EXAMPLES
from fastgen.project.state import read_state
from tests.support import contents, fastgen, snapshot


def test_the_whole_way(tmp_path: Path) -> None:
    result = fastgen("new", "shop", "--with", "none", "--yes", cwd=tmp_path)

    assert (result.code, result.err) == (0, "")
    assert os.listdir(tmp_path) == ["shop"]
    assert result.out.startswith("shop/\n├── ")
    assert "├── app/\n│   ├── api/  " in result.out
    assert " files, " in result.out
    assert "Next:\n  cd shop\n" in result.out
    assert (tmp_path / "shop" / ".git").is_dir()


def test_answers_are_recorded(tmp_path: Path) -> None:
    texts = {"title": "A 'shop'", "description": "Sells\nthings.", "author": "Ann"}
    options = [word for name, text in texts.items() for word in (f"--{name}", text)]

    assert fastgen("new", "shop", "--with=none", *options, cwd=tmp_path).code == 0

    state = tomllib.loads((tmp_path / "shop" / ".fastgen.toml").read_text("utf-8"))
    assert state["schema"] == 2
    assert state["answers"] == {"name": "shop", "patterns": [], **texts}
    assert read_state(tmp_path / "shop").operations == EXAMPLES


def test_json(tmp_path: Path) -> None:
    result = fastgen("new", "shop", "--json", cwd=tmp_path)

    assert (result.code, result.err) == (0, "")
    document = result.document
    files = {file["path"]: file["bytes"] for file in document.pop("files")}
    assert document.pop("next")[0] == "cd shop"
    assert document == {
        "schema": 1,
        "command": "new",
        "status": "done",
        "exit_code": 0,
        "path": str(tmp_path / "shop"),
        "patterns": ["database"],
        "error": None,
    }
    made = {
        path.relative_to(tmp_path / "shop").as_posix(): path.stat().st_size
        for path in (tmp_path / "shop").rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    assert files == made


def test_a_dry_run_touches_nothing_and_tells_the_truth(tmp_path: Path) -> None:
    before = snapshot(tmp_path)

    planned = fastgen("new", "shop", "--json", "--dry-run", cwd=tmp_path)

    assert snapshot(tmp_path) == before
    done = fastgen("new", "shop", "--json", cwd=tmp_path)
    assert planned.document["status"] == "planned"
    assert planned.document["files"] == done.document["files"]


def test_a_dry_run_shows_the_tree_with_sizes(tmp_path: Path) -> None:
    result = fastgen("new", "shop", "--dry-run", cwd=tmp_path)

    assert result.code == 0
    assert "├── settings.py  " in result.out or "└── settings.py  " in result.out
    assert "│   │   ├── items.py  " in result.out
    assert " kB\n" in result.out
    assert "Next" not in result.out


def test_the_current_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()

    result = fastgen("new", ".", "--json", cwd=folder)

    assert result.code == 0
    assert result.document["path"] == str(folder)
    assert result.document["next"][0] != "cd shop"
    state = tomllib.loads((folder / ".fastgen.toml").read_text("utf-8"))
    assert state["answers"]["name"] == "shop"


def test_another_parent(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()

    result = fastgen("new", "shop", "--dir", "services", "--json", cwd=tmp_path)

    assert result.document["path"] == str(tmp_path / "services" / "shop")
    assert result.document["next"][0] == "cd services/shop"


def test_without_an_example(tmp_path: Path) -> None:
    fastgen("new", "shop", "--no-example", cwd=tmp_path)

    files = contents(tmp_path / "shop")
    assert not any("item" in path or "feedback" in path for path in files)
    assert [path for path in files if path.startswith(".fastgen")] == [".fastgen.toml"]


class TestSecrets:
    def test_every_project_has_its_own(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            fastgen("new", name, cwd=tmp_path)

        one, two = ((tmp_path / name / ".env").read_text() for name in ("one", "two"))
        assert one != two
        assert len(one.partition("SECRET_KEY=")[2].strip()) >= 32

    def test_nobody_else_reads_them(self, tmp_path: Path) -> None:
        fastgen("new", "shop", cwd=tmp_path)

        assert stat.S_IMODE((tmp_path / "shop" / ".env").stat().st_mode) == 0o600
        ignored = subprocess.run(
            ["git", "check-ignore", ".env"], cwd=tmp_path / "shop", check=False
        )
        assert ignored.returncode == 0


class TestGit:
    def test_not_wanted(self, tmp_path: Path) -> None:
        fastgen("new", "shop", "--no-git", cwd=tmp_path)

        assert not (tmp_path / "shop" / ".git").exists()

    def test_not_inside_of_another_repository(self, tmp_path: Path) -> None:
        subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)

        fastgen("new", "shop", cwd=tmp_path)

        assert not (tmp_path / "shop" / ".git").exists()

    def test_not_there(self, tmp_path: Path) -> None:
        result = fastgen("new", "shop", cwd=tmp_path, env={"PATH": ""})

        assert result.code == 0
        assert not (tmp_path / "shop" / ".git").exists()

    def test_another_repository_in_the_environment_is_left_alone(self, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        subprocess.run(["git", "init", "--quiet"], cwd=other, check=True)
        before = snapshot(other)

        fastgen("new", "shop", cwd=tmp_path, env={"GIT_DIR": str(other / ".git")})

        assert snapshot(other) == before
        assert (tmp_path / "shop" / ".git").is_dir()


class TestReproducibility:
    def test_the_same_bytes_whatever_the_machine(self, tmp_path: Path) -> None:
        variations: list[dict[str, str]] = [
            {},
            {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PATH": ""},
            {"PYTHONHASHSEED": "2", "HOME": str(tmp_path / "nowhere"), "CI": "true"},
        ]
        trees = []
        for number, variables in enumerate(variations):
            folder = tmp_path / str(number)
            folder.mkdir()
            result = fastgen("new", "shop", cwd=folder, env=variables)
            assert result.code == 0, result.err
            trees.append(contents(folder / "shop"))

        assert trees[0] == trees[1] == trees[2]

    @pytest.mark.parametrize(("umask", "mode"), [("022", 0o644), ("077", 0o600)])
    def test_modes_are_those_of_the_user(self, tmp_path: Path, umask: str, mode: int) -> None:
        shell = ["sh", "-c", f'umask {umask}; exec "$@"', "sh"]

        fastgen("new", "shop", cwd=tmp_path, prefix=shell)

        files = [tmp_path / "shop" / name for name in ("README.md", "app/main.py", ".gitignore")]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {mode}


class TestRefusals:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["new"],
            ["new", ""],
            ["new", "../evil"],
            ["new", "/evil"],
            ["new", "~evil"],
            ["new", "a/b"],
            ["new", "class"],
            ["new", "fastapi"],
            ["new", "app"],
            ["new", "ﬁn"],
            ["new", "x" * 300],
            ["new", "shop", "--with", "nonsense"],
            ["new", "shop", "--with", "none,all"],
            ["new", "shop", "--nonsense"],
            ["new", "shop", "more"],
            ["new", "shop", "--dir", "nowhere"],
            ["nonsense"],
            ["list", "nonsense"],
        ],
    )
    def test_bad_input(self, tmp_path: Path, arguments: list[str]) -> None:
        current = tmp_path / "current"
        current.mkdir()
        before = snapshot(tmp_path)

        plain = fastgen(*arguments, cwd=current)
        document = fastgen(*arguments, "--json", cwd=current)

        assert (plain.code, plain.out) == (2, "")
        error, hint = plain.err.rstrip("\n").split("\n")
        assert error.startswith("error: ")
        assert hint.startswith("hint: ")
        assert (document.code, document.err) == (2, "")
        assert document.document["status"] == "error"
        assert document.document["exit_code"] == 2
        assert document.document["error"]["code"] == "bad_input"
        assert f"error: {document.document['error']['message']}" == error
        assert snapshot(tmp_path) == before

    @pytest.mark.parametrize(
        ("option", "maximum"), [("title", 200), ("author", 200), ("description", 2000)]
    )
    def test_texts_have_a_maximum(self, tmp_path: Path, option: str, maximum: int) -> None:
        # Characters, not bytes.
        longest = fastgen("new", "shop", f"--{option}", "é" * maximum, "--dry-run", cwd=tmp_path)
        refused = fastgen("new", "shop", f"--{option}", "é" * (maximum + 1), cwd=tmp_path)

        assert longest.code == 0, longest.err
        assert refused.code == 2
        assert f"The {option} has {maximum + 1:,} characters; the maximum is" in refused.err
        assert os.listdir(tmp_path) == []

    def test_text_that_no_file_could_hold(self, tmp_path: Path) -> None:
        result = fastgen("new", "shop", "--title", "a\udcffb", cwd=tmp_path)

        assert result.code == 2
        assert "is not valid UTF-8" in result.err

    def test_text_that_no_argument_could_hold(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A program may call the command line without a process."""
        code = run(["new", "shop", "--dir", str(tmp_path), "--title", "a\x00b"])

        assert code == 2
        assert "contains a NUL character" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("make", ["full", "file", "fifo", "dangling", "link"])
    def test_something_is_in_the_way(self, tmp_path: Path, make: str) -> None:
        target = tmp_path / "shop"
        match make:
            case "full":
                target.mkdir()
                (target / "mine").touch()
            case "file":
                target.touch()
            case "fifo":
                os.mkfifo(target)
            case "dangling":
                target.symlink_to("nowhere")
            case "link":
                (tmp_path / "elsewhere").mkdir()
                target.symlink_to("elsewhere")
        before = snapshot(tmp_path)

        result = fastgen("new", "shop", cwd=tmp_path)

        assert (result.code, result.out) == (3, "")
        assert f"`{target}`" in result.err
        assert snapshot(tmp_path) == before

    def test_a_traceback_only_with_debug(self, tmp_path: Path) -> None:
        assert "Traceback" not in fastgen("new", "class", cwd=tmp_path).err
        assert "Traceback" in fastgen("new", "class", "--debug", cwd=tmp_path).err


@pytest.mark.parametrize(
    ("tools", "first", "last"),
    [
        ([], "python3 -m venv .venv && . .venv/bin/activate", "fastapi dev"),
        (["just"], "python3 -m venv .venv && . .venv/bin/activate", "fastapi dev"),
        (["uv"], "uv sync", "uv run fastapi dev"),
        (["just", "uv"], "just setup", "just dev"),
    ],
)
def test_the_next_commands_need_only_what_is_installed(
    tmp_path: Path, tools: list[str], first: str, last: str
) -> None:
    for name in tools:
        (tmp_path / name).touch(mode=0o755)
    environment = {"PATH": str(tmp_path)}

    result = fastgen("new", "shop", "--no-git", "--json", cwd=tmp_path, env=environment)

    commands = result.document["next"]
    assert (commands[1], commands[-1]) == (first, last)


def test_install_needs_uv(tmp_path: Path) -> None:
    before = snapshot(tmp_path)

    result = fastgen("new", "shop", "--install", cwd=tmp_path, env={"PATH": ""})

    assert result.code == 5
    assert "uv" in result.err
    assert snapshot(tmp_path) == before


def test_a_failed_installation_leaves_nothing(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "uv").write_text("#!/bin/sh\nmkdir .venv\necho no network >&2\nexit 1\n")
    (tools / "uv").chmod(0o755)
    before = snapshot(tmp_path)

    result = fastgen(
        "new", "shop", "--install", "--json", cwd=tmp_path, env={"PATH": f"{tools}:/usr/bin:/bin"}
    )

    assert result.code == 5
    assert result.err == "no network\n"
    assert result.document["error"]["message"] == "`uv venv` failed."
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("pattern", ["auth", "queue"])
def test_what_a_pattern_brings_is_said_and_recorded(tmp_path: Path, pattern: str) -> None:
    shown = fastgen("new", "shop", "--with", pattern, "--yes", cwd=tmp_path)
    planned = fastgen("new", "other", "--with", pattern, "--dry-run", "--json", cwd=tmp_path)

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.split("\n")[0] == f"`{pattern}` needs `database`: it is included."
    assert planned.document["patterns"] == ["database", pattern]
    state = tomllib.loads((tmp_path / "shop" / ".fastgen.toml").read_text("utf-8"))
    assert state["answers"]["patterns"] == ["database", pattern]
    assert (tmp_path / "shop" / "app" / "db").is_dir()


def test_patterns_come_expanded_into_the_state(tmp_path: Path) -> None:
    result = fastgen("new", "shop", "--with", "all", "--json", cwd=tmp_path)

    listed = json.loads(fastgen("list", "--json", cwd=tmp_path).out)["patterns"]
    state = tomllib.loads((tmp_path / "shop" / ".fastgen.toml").read_text("utf-8"))
    assert result.document["patterns"] == listed == state["answers"]["patterns"]
