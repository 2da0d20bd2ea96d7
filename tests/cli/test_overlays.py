"""`fastgen new --overlay`, from outside."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.overlay_templates import CI, HOUSE_RULES, commit_template, make_template
from tests.support import contents, fastgen, snapshot
from tests.terminal import ENTER, Terminal

BASE = ("new", "shop", "--with", "none", "--json")


def state_of(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / ".fastgen.toml").read_text("utf-8"))


@pytest.fixture
def commits(tmp_path: Path) -> dict[str, str]:
    """A folder `rules`, and a git repository `ci` with two tags; the commits of the tags."""
    make_template(tmp_path / "rules", HOUSE_RULES)
    return {
        "v1": commit_template(tmp_path / "ci", CI, "v1"),
        "v2": commit_template(tmp_path / "ci", CI | {"copier.yml": "branch: never"}, "v2"),
    }


class TestTwoOverlays:
    OPTIONS = ("--overlay", "rules", "--overlay", "ci@v1", "--overlay-data", "team=payments")

    def test_the_whole_way(self, tmp_path: Path, commits: dict[str, str]) -> None:
        plain = fastgen(*BASE, "--dir", str(tmp_path / "rules" / "deploy"), cwd=tmp_path)
        before = contents(Path(plain.document["path"]))
        shutil.rmtree(plain.document["path"])

        result = fastgen(*BASE, *self.OPTIONS, cwd=tmp_path)

        assert (result.code, result.err) == (0, "")
        after = contents(tmp_path / "shop")
        changed = {path for path in after if after[path] != before.get(path)}
        assert changed == {
            ".fastgen.toml",
            ".github/CODEOWNERS",
            ".github/workflows/ci.yml",
            "deploy/chart/values.yaml",
        }
        assert before.keys() <= after.keys()
        assert after[".github/CODEOWNERS"] == b"* @acme/payments\n"
        assert {file["path"] for file in result.document["files"]} == {*after, ".env"}
        rules, ci = state_of(tmp_path / "shop")["overlays"]
        assert rules.pop("commit").startswith("sha256:")
        assert rules == {"source": "../rules", "ref": "", "answers": {"team": "payments"}}
        assert ci == {
            "source": "../ci",
            "ref": "v1",
            "commit": commits["v1"],
            "answers": {"branch": "main"},
        }

    @pytest.mark.usefixtures("commits")
    def test_twice_are_the_same(self, tmp_path: Path) -> None:
        options = [word if word != "rules" else str(tmp_path / word) for word in self.OPTIONS]
        fastgen(*BASE, *self.OPTIONS, cwd=tmp_path)
        first = contents(tmp_path / "shop")
        shutil.rmtree(tmp_path / "shop")
        (tmp_path / "shop").mkdir()
        options[3] = "../ci@v1"

        again = fastgen(
            "new", ".", "--with", "none", "--yes", *options,
            cwd=tmp_path / "shop", env={"PYTHONHASHSEED": "3"},
        )  # fmt: skip

        assert again.code == 0
        assert contents(tmp_path / "shop") == first
        assert not any(os.fsencode(tmp_path) in content for content in first.values())

    @pytest.mark.usefixtures("commits")
    def test_a_router_is_added_later(self, tmp_path: Path) -> None:
        fastgen(*BASE, *self.OPTIONS, cwd=tmp_path)
        before = state_of(tmp_path / "shop")

        added = fastgen("add", "router", "orders", "--yes", cwd=tmp_path / "shop")

        assert (added.code, added.err) == (0, "")
        assert state_of(tmp_path / "shop") == before
        fastgen("add", "middleware", "timing", "--yes", cwd=tmp_path / "shop")
        assert state_of(tmp_path / "shop") == before

    @pytest.mark.usefixtures("commits")
    def test_a_dry_run_touches_nothing_and_tells_the_truth(self, tmp_path: Path) -> None:
        before = snapshot(tmp_path)

        planned = fastgen(*BASE, "--dry-run", *self.OPTIONS, cwd=tmp_path)

        assert snapshot(tmp_path) == before
        done = fastgen(*BASE, *self.OPTIONS, cwd=tmp_path)
        assert planned.document["files"] == done.document["files"]


@pytest.mark.parametrize(
    ("code", "files", "options", "message"),
    [
        (3, {"README.md": "mine"}, [], "`README.md`"),
        (3, {"copier.yml": "_tasks: [touch ran]"}, [], "`touch ran`"),
        (3, {"x.jinja": "{% if %}"}, [], "`x.jinja`, line 1"),
        (3, {".fastgen.toml": "schema = 2"}, ["--overlay-replaces", ".fastgen.toml"], "no overlay"),
        (3, {".env": "A=1"}, [], "no overlay"),
        (3, {"copier.yml": "_tasks: [rm README.md]"}, ["--trust"], "deletes `README.md`"),
        (2, {"copier.yml": "team: {type: str}"}, [], "`team`"),
        (2, {}, ["--overlay-data", "unknown=1"], "`unknown`"),
        (2, {}, ["--overlay", "nowhere"], "`nowhere`"),
        (2, {}, ["--overlay-data", "team"], "key and a value"),
    ],
)
@pytest.mark.parametrize("name", ["shop", "."])
def test_an_error_leaves_nothing(
    tmp_path: Path,
    name: str,
    code: int,
    files: Mapping[str, str],
    options: list[str],
    message: str,
) -> None:
    make_template(tmp_path / "rules", {"copier.yml": "team: core", "added": "", **files})
    folder = tmp_path / "shop" if name == "." else tmp_path
    folder.mkdir(exist_ok=True)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = snapshot(tmp_path)

    result = fastgen(
        "new", name, "--json", "--overlay", str(tmp_path / "rules"), *options,
        cwd=folder, env={"TMPDIR": str(temporary)},
    )  # fmt: skip

    assert result.code == code
    assert message in result.document["error"]["message"]
    assert result.document["error"]["hint"]
    assert [key for key, value in snapshot(tmp_path).items() if value != before.get(key)] in (
        [],
        ["tmp"],
    )
    assert os.listdir(temporary) == []


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "docs/../../x"])
def test_what_overlays_may_replace_is_in_the_project(tmp_path: Path, path: str) -> None:
    result = fastgen(*BASE, "--overlay", "rules", "--overlay-replaces", path, cwd=tmp_path)

    assert result.code == 2
    assert result.document["error"]["message"] == f"`{path}` is not a path in the project."


@pytest.mark.parametrize(
    "option", [["--overlay-data", "a=1"], ["--overlay-replaces", "README.md"], ["--trust"]]
)
def test_options_that_need_an_overlay(tmp_path: Path, option: list[str]) -> None:
    result = fastgen(*BASE, *option, cwd=tmp_path)

    assert result.code == 2
    assert option[0] in result.document["error"]["message"]
    assert os.listdir(tmp_path) == []


def test_the_user_may_replace_a_file(tmp_path: Path) -> None:
    make_template(tmp_path / "rules", {"copier.yml": "", "README.md.jinja": "# {{ title }}\n"})

    result = fastgen(*BASE, "--overlay", "rules", "--overlay-replaces", "README.md", cwd=tmp_path)

    assert result.code == 0
    assert (tmp_path / "shop" / "README.md").read_text() == "# Shop\n"


def test_the_output_of_tasks_does_not_disturb_json(tmp_path: Path) -> None:
    task = "_tasks: ['echo to stdout; cat; echo done > task.txt']"
    make_template(tmp_path / "rules", {"copier.yml": task})

    result = fastgen(*BASE, "--overlay", "rules", "--trust", cwd=tmp_path)

    assert json.loads(result.out)["status"] == "done"
    assert "to stdout" in result.err
    assert (tmp_path / "shop" / "task.txt").read_text() == "done\n"


def test_credentials_and_secrets_stay_out(tmp_path: Path) -> None:
    question = "pin: {type: str, secret: true, default: x}\n"
    make_template(tmp_path / "rules", {"copier.yml": question})
    url = "https://ann:tok3n@127.0.0.1:9/x.git"
    refused = fastgen(*BASE, "--overlay", url, "--debug", cwd=tmp_path)

    result = fastgen(*BASE, "--overlay", "rules", "--overlay-data", "pin=tok3n", cwd=tmp_path)

    assert (refused.code, result.code) == (3, 0)
    assert "tok3n" not in refused.out + refused.err
    assert not any(b"tok3n" in content for content in contents(tmp_path / "shop").values())


def test_copier_stays_in_its_own_process(tmp_path: Path) -> None:
    make_template(tmp_path / "rules", HOUSE_RULES)
    code = (
        "import sys\nfrom fastgen.cli import run\n"
        f"run({[*BASE, '--overlay', 'rules']!r})\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert (tmp_path / "shop" / "deploy").exists()
    assert {"copier", "plumbum", "yaml"} & set(done.stderr.split()) == set()


def test_the_equivalent_command_has_the_overlays(tmp_path: Path) -> None:
    make_template(tmp_path / "rules", HOUSE_RULES)
    options = ["--overlay", "rules", "--overlay-data", "team=a b", "--overlay-replaces", "x*"]
    terminal = Terminal("new", "shop", *options, "--trust", cwd=tmp_path, columns=300)

    terminal.answer("SQLAlchemy", ENTER)
    terminal.answer("Prometheus", ENTER)
    terminal.answer("Title:", ENTER)
    terminal.answer("Description:", ENTER)

    assert terminal.end() == 0
    expected = "--overlay rules --overlay-data 'team=a b' --overlay-replaces 'x*' --trust"
    assert expected in " ".join(terminal.text.split())
