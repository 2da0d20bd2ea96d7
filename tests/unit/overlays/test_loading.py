"""Overlays from folders and from git, read into memory."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fastgen.errors import BadInput, EnvironmentFault, FastgenError, Refused
from fastgen.overlays import LoadedOverlay, folder_files, git_files, load_overlay
from tests.overlay_templates import CI, HOUSE_RULES, commit_template, git, make_template


@pytest.fixture(autouse=True)
def current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str) -> LoadedOverlay:
    return load_overlay(text, Path.cwd() / "shop")


def texts(overlay: LoadedOverlay) -> dict[str, str]:
    return {path: file.content.decode() for path, file in overlay.files.items()}


class TestFolder:
    def test_the_working_tree(self, tmp_path: Path) -> None:
        make_template(tmp_path / "rules", HOUSE_RULES)

        overlay = load("rules")

        assert texts(overlay) == HOUSE_RULES
        assert (overlay.source, overlay.ref) == ("../rules", "")

    def test_git_and_caches_are_left_out(self, tmp_path: Path) -> None:
        commit_template(tmp_path / "rules", HOUSE_RULES, "v1")
        before = load("rules")
        make_template(tmp_path / "rules", {"__pycache__/x.pyc": "", ".ruff_cache/x": ""})

        assert load("rules") == before
        assert texts(before) == HOUSE_RULES

    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: (folder / "copier.yml").write_text("team: other\n"),
            lambda folder: (folder / "new").write_text(""),
            lambda folder: (folder / "deploy").rename(folder / "chart"),
            lambda folder: (folder / "copier.yml").chmod(0o755),
        ],
    )
    def test_the_commit_is_a_hash_of_the_content(
        self, tmp_path: Path, change: Callable[[Path], object]
    ) -> None:
        make_template(tmp_path / "rules", HOUSE_RULES)
        make_template(tmp_path / "copy", HOUSE_RULES)
        os.utime(tmp_path / "copy" / "copier.yml", (0, 0))
        (tmp_path / "copy" / "copier.yml").chmod(0o600)
        commit = load("rules").commit

        assert commit == load("copy").commit
        change(tmp_path / "rules")
        assert load("rules").commit != commit

    @pytest.mark.parametrize("target", ["copier.yml", "../outside", "/etc", "nowhere", "."])
    def test_links(self, tmp_path: Path, target: str) -> None:
        make_template(tmp_path / "rules", HOUSE_RULES)
        (tmp_path / "rules" / "link").symlink_to(target)

        with pytest.raises(Refused, match="`link` is a symbolic link"):
            load("rules")

    def test_a_fifo(self, tmp_path: Path) -> None:
        make_template(tmp_path / "rules", HOUSE_RULES)
        os.mkfifo(tmp_path / "rules" / "fifo")

        with pytest.raises(Refused, match="`fifo` is not a regular file"):
            load("rules")

    @pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_BYTES"])
    def test_too_much(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
        monkeypatch.setattr(folder_files, limit, 2)
        commit_template(tmp_path / "rules", HOUSE_RULES, "v1")

        for source in ("rules", "rules@v1"):
            with pytest.raises(Refused, match="more than"):
                load(source)

    def test_a_name_that_is_not_utf_8(self, tmp_path: Path) -> None:
        make_template(tmp_path / "rules", HOUSE_RULES)
        Path(os.fsdecode(os.fsencode(tmp_path / "rules") + b"/\xff")).touch()

        with pytest.raises(Refused, match="not UTF-8"):
            load("rules")

    def test_no_template(self, tmp_path: Path) -> None:
        make_template(tmp_path / "rules", {"README.md": ""})

        with pytest.raises(Refused, match=r"no `copier\.yml`"):
            load("rules")

    def test_two_configurations(self, tmp_path: Path) -> None:
        make_template(tmp_path / "rules", {"copier.yml": "", "copier.yaml": ""})

        with pytest.raises(Refused, match="both"):
            load("rules")

    def test_around_the_project(self, tmp_path: Path) -> None:
        make_template(tmp_path, HOUSE_RULES)

        with pytest.raises(Refused, match="inside"):
            load(".")


class TestGit:
    @pytest.fixture(autouse=True)
    def commits(self, tmp_path: Path) -> dict[str, str]:
        """The commits of the repository `rules`, by tag; the working tree has changed since."""
        folder = tmp_path / "rules"
        found = {"v1": commit_template(folder, HOUSE_RULES, "v1")}
        found["v2"] = commit_template(folder, CI, "v2")
        git(folder, "tag", "--annotate", "--message=x", "signed", "v1")
        git(folder, "branch", "feature/x", "v1")
        make_template(folder, {"uncommitted": ""})
        return found

    @pytest.mark.parametrize("ref", ["v1", "signed", "feature/x"])
    def test_a_ref(self, commits: dict[str, str], ref: str) -> None:
        overlay = load(f"rules@{ref}")

        assert texts(overlay) == HOUSE_RULES
        assert (overlay.source, overlay.ref, overlay.commit) == ("../rules", ref, commits["v1"])

    def test_a_commit(self, commits: dict[str, str]) -> None:
        for ref in (commits["v1"], commits["v1"][:9]):
            overlay = load(f"rules@{ref}")

            assert (overlay.ref, overlay.commit) == (ref, commits["v1"])
            assert texts(overlay) == HOUSE_RULES

    def test_without_a_ref_the_default_branch(
        self, tmp_path: Path, commits: dict[str, str]
    ) -> None:
        git(tmp_path, "clone", "--quiet", "--bare", "rules", "bare.git")
        for source in (f"file://{tmp_path}/rules", "bare.git"):
            overlay = load(source)

            assert (overlay.ref, overlay.commit) == ("", commits["v2"])
            assert "uncommitted" not in texts(overlay)

    def test_executable_files_stay_executable(self, tmp_path: Path) -> None:
        make_template(tmp_path / "rules", {"run.sh": ""})
        (tmp_path / "rules" / "run.sh").chmod(0o755)
        commit_template(tmp_path / "rules", {}, "v3")

        overlay = load("rules@v3")

        assert [path for path, file in overlay.files.items() if file.executable] == ["run.sh"]

    @pytest.mark.parametrize("ref", ["v9", "0" * 40, "v1:copier.yml"])
    def test_an_unknown_ref(self, ref: str) -> None:
        with pytest.raises(BadInput):
            load(f"rules@{ref}")

    def test_links(self, tmp_path: Path) -> None:
        (tmp_path / "rules" / "link").symlink_to("/etc/passwd")
        commit_template(tmp_path / "rules", {}, "v3")

        with pytest.raises(Refused, match="`link` is a symbolic link"):
            load("rules@v3")

    def test_submodules(self, tmp_path: Path) -> None:
        commit_template(tmp_path / "other", HOUSE_RULES, "v1")
        git(tmp_path / "rules", "-c", "protocol.file.allow=always", "submodule", "add", "../other")
        commit_template(tmp_path / "rules", {}, "v3")

        with pytest.raises(Refused, match="`other` is a submodule"):
            load("rules@v3")

    @pytest.mark.parametrize("name", [".git", "..", "GIT~1"])
    def test_paths_that_no_checkout_would_write(self, tmp_path: Path, name: str) -> None:
        folder = tmp_path / "rules"
        blob = git(folder, "rev-parse", "HEAD:copier.yml")
        tree = git(folder, "mktree", text=f"100644 blob {blob}\tconfig\n")
        above = git(folder, "mktree", text=f"040000 tree {tree}\t{name}\n")
        git(folder, "tag", "evil", git(folder, "commit-tree", above, "-m", "evil"))

        with pytest.raises(Refused, match="not safe"):
            load("rules@evil")

    def test_no_filter_and_no_hook_runs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        for name in ("post-checkout", "reference-transaction", "post-merge"):
            (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
            (hooks / name).chmod(0o755)
        make_template(tmp_path / "rules", {".gitattributes": "* filter=evil export-ignore\n"})
        commit_template(tmp_path / "rules", {}, "v3")
        settings = tmp_path / "gitconfig"
        settings.write_text(
            f"[core]\nhooksPath = {hooks}\nautocrlf = true\n"
            f'[filter "evil"]\nsmudge = touch {tmp_path}/ran\n'
        )
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))

        overlay = load("rules@v3")

        assert texts(overlay)["copier.yml"] == CI["copier.yml"]
        assert not (tmp_path / "ran").exists()

    def test_in_a_hook_of_another_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: dict[str, str]
    ) -> None:
        commit_template(tmp_path / "other", {"x": ""}, "v1")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))

        assert load("rules@v1").commit == commits["v1"]

    def test_not_a_repository(self, tmp_path: Path) -> None:
        make_template(tmp_path / "plain", HOUSE_RULES)

        with pytest.raises(Refused, match="did not answer"):
            load("plain@v1")

    def test_git_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")

        assert load("rules").ref == ""
        with pytest.raises(EnvironmentFault, match="needs git"):
            load("rules@v1")


class TestServer:
    @pytest.fixture
    def port(self) -> int:
        """A port at which nothing listens."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port: int = server.getsockname()[1]
        return port

    def test_it_is_down(self, port: int) -> None:
        with pytest.raises(Refused) as caught:
            load(f"http://ann:tok3n@127.0.0.1:{port}/x.git@v1")

        assert f"`http://127.0.0.1:{port}/x.git` did not answer" in caught.value.message
        assert_no_secret(caught.value)

    def test_it_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(git_files, "TIMEOUT", 1.0)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with pytest.raises(Refused, match="did not answer") as caught:
                load(f"http://ann:tok3n@127.0.0.1:{port}/x.git")

        assert_no_secret(caught.value)


def assert_no_secret(error: FastgenError) -> None:
    chain = f"{error.message}{error.hint}{error.__cause__}"
    assert "tok3n" not in chain
    assert error.__suppress_context__ or error.__context__ is None
