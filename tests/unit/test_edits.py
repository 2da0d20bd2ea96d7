import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fastgen.changes import Change
from fastgen.errors import NotAProject, Refused
from fastgen.transaction import apply, clear_leftovers, journal
from fastgen.transaction.journal import Step, digest_of, write_journal
from tests.support import abandoned, snapshot

CHANGES = [
    Change("app/main.py", "new\n"),
    Change("app/core/limits/rules.py", "made\n"),
    Change("old/only.py", None),
    Change("README.md", "# New\n"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    for path, text in {"app/main.py": "old\n", "old/only.py": "gone\n", "README.md": "#\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "app" / "main.py").chmod(0o750)
    return root


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()
    }


NEW_DIGEST = hashlib.sha256(b"new\n").hexdigest()
NEW = {"app/main.py": "new\n", "app/core/limits/rules.py": "made\n", "README.md": "# New\n"}


def test_all_changes_are_made(project: Path) -> None:
    apply(project, CHANGES)

    assert files(project) == NEW
    assert not (project / "old").exists()
    assert (project / "app" / "main.py").stat().st_mode & 0o777 == 0o750


def test_a_folder_with_other_files_stays(project: Path) -> None:
    (project / "old" / "mine.py").write_text("mine")

    apply(project, CHANGES)

    assert (project / "old" / "mine.py").exists()


@pytest.mark.parametrize("number", range(1, 6))
def test_an_error_at_any_rename_leaves_everything_as_it_was(
    project: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(project)
    calls = []

    def failing(name: str) -> Callable[[Path, Path], Path]:
        move: Callable[[Path, Path], Path] = getattr(Path, name)

        def fail(path: Path, target: Path) -> Path:
            calls.append(path)
            if len(calls) == number:
                raise OSError(28, "full")
            return move(path, target)

        return fail

    for name in ("rename", "replace"):
        monkeypatch.setattr(Path, name, failing(name))
    with pytest.raises(OSError, match="full"):
        apply(project, CHANGES)

    assert snapshot(project) == before


def test_concurrent_changes_are_kept(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_and_meddle(root: Path, folder: Path, changes: list[Change]) -> list[Step]:
        steps = write_journal(root, folder, changes)
        (project / "README.md").write_text("mine")
        return steps

    monkeypatch.setattr("fastgen.transaction.project_edits.write_journal", write_and_meddle)
    with pytest.raises(Refused, match=r"`README\.md` has changed in the meantime"):
        apply(project, CHANGES)

    found = files(project)
    assert found == {"app/main.py": "old\n", "old/only.py": "gone\n", "README.md": "mine"}


def test_the_repository_of_git_is_not_written(project: Path) -> None:
    (project / ".GIT").mkdir()
    (project / "app" / "core").symlink_to("../.GIT")
    before = snapshot(project)

    with pytest.raises(Refused, match="leads into the repository"):
        apply(project, CHANGES)

    assert snapshot(project) == before


@pytest.mark.parametrize("link", ["app", "app/main.py", "app/core"])
def test_nothing_is_written_outside(project: Path, link: str) -> None:
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "main.py").write_text("theirs")
    path = project / link
    if path.is_dir():
        path.rename(project / "moved")
    path.unlink(missing_ok=True)
    path.symlink_to(outside / "main.py" if link.endswith(".py") else outside)
    before = snapshot(project.parent)

    with pytest.raises(Refused, match="leads out of the project"):
        apply(project, CHANGES)

    assert snapshot(project.parent) == before


def test_a_link_inside_is_followed(project: Path) -> None:
    (project / "app").rename(project / "source")
    (project / "app").symlink_to("source")

    apply(project, CHANGES)

    assert (project / "app").is_symlink()
    assert (project / "source" / "main.py").read_text() == "new\n"


def step(**replaced: object) -> str:
    """A journal with one step, which makes `new.py`."""
    known = {"number": 0, "path": "new.py", "before": None, "after": NEW_DIGEST}
    return json.dumps([known | replaced])


class TestAfterAKill:
    """What was under way is finished, or undone, by the next command."""

    @pytest.fixture
    def folder(self, project: Path) -> Path:
        return abandoned(project, "-edit")

    @pytest.mark.parametrize("done", range(5))
    def test_it_is_finished(self, project: Path, folder: Path, done: int) -> None:
        steps = write_journal(project, folder, CHANGES)
        journal.go(steps[:done], project, folder)

        clear_leftovers(project)

        assert files(project) == NEW

    def test_between_two_renames(self, project: Path, folder: Path) -> None:
        write_journal(project, folder, CHANGES)
        (folder / "old" / "0").hardlink_to(project / "app" / "main.py")

        clear_leftovers(project)

        assert files(project) == NEW

    @pytest.mark.parametrize("done", range(3))
    def test_it_is_undone_if_somebody_has_gone_on(
        self, project: Path, folder: Path, done: int
    ) -> None:
        steps = write_journal(project, folder, CHANGES)
        journal.go(steps[:done], project, folder)
        (project / "README.md").write_text("mine")

        clear_leftovers(project)

        found = files(project)
        assert found == {"app/main.py": "old\n", "old/only.py": "gone\n", "README.md": "mine"}

    @staticmethod
    def _kill_while_the_folder_is_removed(folder: Path, **_: object) -> None:
        (folder / "journal.json").unlink()
        raise OSError(5, "killed")

    @staticmethod
    def _fill_the_disk(*_: object) -> None:
        raise OSError(28, "full")

    @pytest.mark.parametrize(
        ("function", "fail"),
        [("remove_tree", _kill_while_the_folder_is_removed), ("_keep", _fill_the_disk)],
    )
    def test_what_ends_the_end_too_leaves_it_for_later(
        self,
        project: Path,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        function: str,
        fail: Callable[..., None],
    ) -> None:
        write_journal(project, folder, CHANGES)

        with monkeypatch.context() as patch:
            patch.setattr(journal, function, fail)
            with pytest.raises(OSError, match=r"killed|full"):
                clear_leftovers(project)
        clear_leftovers(project)

        assert files(project) == NEW

    @pytest.mark.parametrize(
        "text",
        [
            *("", "{}", "null", "5", "[1, 2]", "[" * 100_000, "\xff"),
            json.dumps([{"number": 0}]),
            *(
                step(path=path)
                for path in (5, None, "", ".", "app", "a\0b", "../x", "/x", ".git/x")
            ),
            *(step(path=path) for path in ("app/../README.md", "elsewhere/x", "./README.md")),
            *(step(number=number) for number in (True, 0.0, "0", "../0", 1, -1)),
            *(step(before=digest) for digest in (5, "", "x" * 64)),
            *(step(after=digest) for digest in (5, "", "x" * 64, "0" * 64)),
            json.dumps([{**json.loads(step())[0], "more": 1}]),
        ],
    )
    def test_a_damaged_journal_changes_nothing(
        self, project: Path, folder: Path, text: str
    ) -> None:
        write_journal(project, folder, [Change("new.py", "new\n")])
        (project / "elsewhere").symlink_to("..")
        (folder / "journal.json").write_text(text, "latin-1")
        before = snapshot(project.parent)

        with pytest.raises(NotAProject, match=f"`{folder}` has a damaged journal"):
            clear_leftovers(project)

        assert snapshot(project.parent) == before

    @pytest.mark.parametrize("path", ["journal.json", "new", "old"])
    @pytest.mark.parametrize("kind", ["nothing", "fifo", "link"])
    def test_a_journal_without_a_part_changes_nothing(
        self, project: Path, folder: Path, path: str, kind: str
    ) -> None:
        write_journal(project, folder, CHANGES)
        (folder / path).rename(project / "moved")
        if kind == "fifo":
            os.mkfifo(folder / path)
        elif kind == "link":
            (folder / path).symlink_to(project / "moved")
        before = snapshot(project)

        with pytest.raises(NotAProject, match="damaged journal"):
            clear_leftovers(project)

        assert snapshot(project) == before


def test_no_file_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert digest_of(tmp_path / "none") is None
    assert digest_of(tmp_path / "file" / "below") is None
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_whose_times_cannot_be_set_hides_no_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(project)
    utime = os.utime
    called = []

    def fail_first(path: Path, *, ns: tuple[int, int]) -> None:
        called.append(path)
        if len(called) == 1:
            raise PermissionError(1, "not yours")
        utime(path, ns=ns)

    def fail(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(os, "utime", fail_first)
    monkeypatch.setattr("fastgen.transaction.project_edits.go", fail)
    with pytest.raises(OSError, match="full"):
        apply(project, CHANGES)

    first = str(called[0].relative_to(project))
    after = snapshot(project)
    assert {path: after[path] for path in after if path != first} == {
        path: before[path] for path in before if path != first
    }
