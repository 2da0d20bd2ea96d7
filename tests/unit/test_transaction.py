import fcntl
import os
import signal
from pathlib import Path

import pytest

from fastgen.errors import Interrupted, NotAProject, Refused
from fastgen.interruption import interruptible
from fastgen.transaction import (
    check_leftovers,
    check_target,
    clear_leftovers,
    interrupted_edits,
    set_executable,
    staging,
)
from tests.support import abandoned, snapshot

FOREIGN = ".fastgen-0123456789abcdef"
"""The name of a folder that a command has made elsewhere."""


def abandon(parent: Path, suffix: str = "", name: str = "") -> Path:
    """What a command that was killed leaves behind."""
    folder = abandoned(parent, suffix)
    if name:
        folder = folder.rename(parent / f"{name}{suffix}")
    (folder / "app").mkdir()
    (folder / "app" / "main.py").write_text("app = 1\n")
    (folder / "README.md").write_text("# Shop\n")
    return folder


class TestStaging:
    def test_the_folder_becomes_the_target(self, tmp_path: Path) -> None:
        with staging(tmp_path / "shop") as folder:
            assert folder.parent == tmp_path
            (folder / "a").write_text("1")
            assert not (tmp_path / "shop").exists()

        assert (tmp_path / "shop" / "a").read_text() == "1"
        assert os.listdir(tmp_path) == ["shop"]

    def test_an_empty_folder_stays_the_same_folder(self, tmp_path: Path) -> None:
        target = tmp_path / "shop"
        target.mkdir(mode=0o700)
        before = target.stat()

        with staging(target) as folder:
            (folder / "a").write_text("1")
            (folder / "b").mkdir()

        assert sorted(os.listdir(target)) == ["a", "b"]
        assert (target.stat().st_ino, target.stat().st_mode) == (before.st_ino, before.st_mode)

    @pytest.mark.parametrize("existing", [True, False])
    @pytest.mark.parametrize("error", [OSError(28, "full"), KeyboardInterrupt(), ValueError()])
    def test_an_error_leaves_everything_as_it_was(
        self, tmp_path: Path, existing: bool, error: BaseException
    ) -> None:
        if existing:
            (tmp_path / "shop").mkdir()
        before = snapshot(tmp_path)

        with pytest.raises(type(error)), staging(tmp_path / "shop") as folder:
            (folder / "a").mkdir()
            (folder / "a" / "b").write_text("1")
            raise error

        assert snapshot(tmp_path) == before

    def test_an_error_is_not_hidden_by_times_that_cannot_be_set(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise PermissionError(1, "not yours")

        monkeypatch.setattr(os, "utime", fail)
        with pytest.raises(OSError, match="full"), staging(tmp_path / "shop"):
            raise OSError(28, "full")

    def test_a_folder_that_appears_is_not_overwritten(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="appeared"), staging(tmp_path / "shop") as folder:
            (folder / "a").write_text("ours")
            (tmp_path / "shop").mkdir()
            (tmp_path / "shop" / "a").write_text("theirs")

        assert os.listdir(tmp_path) == ["shop"]
        assert (tmp_path / "shop" / "a").read_text() == "theirs"

    def test_a_file_that_appears_in_an_empty_folder_is_not_overwritten(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(Refused, match="not empty"), staging(tmp_path) as folder:
            (folder / "a").write_text("ours")
            (tmp_path / "a").write_text("theirs")

        assert os.listdir(tmp_path) == ["a"]
        assert (tmp_path / "a").read_text() == "theirs"

    def test_a_failed_move_is_undone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = snapshot(tmp_path)
        rename = Path.rename

        def fail_at_c(path: Path, target: Path) -> Path:
            if path.name == "c" and "-complete" in path.parent.name:
                raise OSError(28, "full")
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", fail_at_c)
        with pytest.raises(OSError, match="full"), staging(tmp_path) as folder:
            for name in "abcd":
                (folder / name).write_text(name)

        assert snapshot(tmp_path) == before


class TestCheckTarget:
    def test_nothing_or_an_empty_folder(self, tmp_path: Path) -> None:
        check_target(tmp_path)
        check_target(tmp_path / "shop")

    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "shop").touch()
        with pytest.raises(Refused, match="not a folder"):
            check_target(tmp_path / "shop")

    def test_a_fifo(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "shop")
        with pytest.raises(Refused, match="not a folder"):
            check_target(tmp_path / "shop")

    @pytest.mark.parametrize("goal", ["nothing", "."])
    def test_a_link(self, tmp_path: Path, goal: str) -> None:
        (tmp_path / "shop").symlink_to(goal)
        with pytest.raises(Refused, match="is a link"):
            check_target(tmp_path / "shop")

    def test_a_full_folder(self, tmp_path: Path) -> None:
        (tmp_path / ".hidden").touch()
        with pytest.raises(Refused, match="not empty"):
            check_target(tmp_path)


class TestLeftovers:
    def test_incomplete_projects_are_removed(self, tmp_path: Path) -> None:
        abandon(tmp_path)
        (tmp_path / "mine").touch()

        clear_leftovers(tmp_path)

        assert os.listdir(tmp_path) == ["mine"]

    def test_complete_projects_are_finished(self, tmp_path: Path) -> None:
        folder = abandon(tmp_path, "-complete")
        (folder / "README.md").rename(tmp_path / "README.md")

        clear_leftovers(tmp_path)

        assert sorted(os.listdir(tmp_path)) == ["README.md", "app"]
        assert (tmp_path / "app" / "main.py").read_text() == "app = 1\n"

    def test_files_that_appeared_are_kept(self, tmp_path: Path) -> None:
        folder = abandon(tmp_path, "-complete")
        (tmp_path / "README.md").write_text("mine")

        clear_leftovers(tmp_path)

        assert (tmp_path / "README.md").read_text() == "mine"
        assert (folder / "README.md").exists()

    def test_a_living_process_keeps_its_folder(self, tmp_path: Path) -> None:
        folder = abandon(tmp_path)
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)

        clear_leftovers(tmp_path)

        os.close(lock)
        assert (folder / "app" / "main.py").exists()

    @pytest.mark.parametrize("name", [".fastgen-mine", ".fastgen-0123456789ABCDEF", "fastgen"])
    def test_other_names_are_not_ours(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).mkdir()

        clear_leftovers(tmp_path)

        assert os.listdir(tmp_path) == [name]

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "precious").touch()
        here = tmp_path / "here"
        here.mkdir()
        (here / FOREIGN).symlink_to("../elsewhere")

        check_leftovers(here)
        clear_leftovers(here)

        assert (tmp_path / "elsewhere" / "precious").exists()

    @pytest.mark.parametrize("suffix", ["", "-complete", "-edit"])
    def test_copies_are_refused_and_stay(self, tmp_path: Path, suffix: str) -> None:
        folder = abandon(tmp_path, suffix, FOREIGN)
        before = snapshot(tmp_path)

        clear_leftovers(tmp_path)
        with pytest.raises(NotAProject, match=f"`{folder}` was not left behind by"):
            check_leftovers(tmp_path)
        with pytest.raises(Refused, match="is not empty"):
            check_target(tmp_path)

        assert snapshot(tmp_path) == before
        assert interrupted_edits(tmp_path) == []

    @pytest.mark.parametrize("suffix", ["", "-complete", "-edit"])
    def test_those_of_other_users_are_refused_and_stay(
        self, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        abandon(tmp_path, suffix)
        before = snapshot(tmp_path)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

        clear_leftovers(tmp_path)
        with pytest.raises(NotAProject):
            check_leftovers(tmp_path)

        assert snapshot(tmp_path) == before

    def test_those_of_this_folder_are_no_fault(self, tmp_path: Path) -> None:
        folder = abandon(tmp_path, "-edit")

        check_leftovers(tmp_path)

        assert interrupted_edits(tmp_path) == [folder.name]

    def test_a_folder_that_was_not_named_yet_is_removed(self, tmp_path: Path) -> None:
        (tmp_path / FOREIGN).mkdir()

        check_leftovers(tmp_path)
        check_target(tmp_path)
        clear_leftovers(tmp_path)

        assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_first_signal_interrupts_and_others_are_ignored(name: str) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    number = getattr(signal, name)

    with pytest.raises(Interrupted) as interruption, interruptible():
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)

    assert interruption.value.exit_code == 128 + number
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_handlers_stay_where_nothing_is_interruptible(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with staging(tmp_path / "shop") as folder:
            (folder / "a").touch()

        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_that_comes_too_late_is_ignored(tmp_path: Path) -> None:
    with interruptible(), staging(tmp_path / "shop") as folder:
        (folder / "a").touch()

    with interruptible():
        with staging(tmp_path / "other") as folder:
            (folder / "a").touch()
        os.kill(os.getpid(), signal.SIGTERM)

    assert sorted(os.listdir(tmp_path)) == ["other", "shop"]


def test_files_are_executable_for_those_who_read_them(tmp_path: Path) -> None:
    modes = {"a": 0o600, "b": 0o644, "c": 0o755}
    for name, mode in modes.items():
        (tmp_path / name).touch(mode)
        (tmp_path / name).chmod(mode)

    set_executable(tmp_path, {"a": True, "b": True, "c": False})

    found = {name: (tmp_path / name).stat().st_mode & 0o777 for name in modes}
    assert found == {"a": 0o700, "b": 0o755, "c": 0o644}
