"""Random histories of a project: edits of people, and the commands of fastgen, in any order.

The gate has 100 of them. `FASTGEN_HISTORIES=1000 pytest tests/matrix/test_histories.py` runs more.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from random import Random

import black
import pytest
from black.parsing import InvalidInput

from fastgen import __version__
from fastgen.archive import pack
from fastgen.changes import Conflicted, Plan
from fastgen.errors import FastgenError, Refused
from fastgen.git_index import mark_unmerged
from fastgen.merge.elements import LISTS
from fastgen.merge.text import LABELS
from fastgen.migrations.revisions import Revisions, head, read_revisions, revisions_of
from fastgen.migrations.tables import Schema
from fastgen.planning import plan_merge, plan_remove, plan_update
from fastgen.planning.plan_add import plan_addition
from fastgen.planning.plan_extras import plan_extra_removal, plan_extras
from fastgen.planning.plan_fields import plan_add_fields, plan_remove_field
from fastgen.planning.plan_merge import MIGRATIONS
from fastgen.planning.plan_patterns import plan_add_patterns, plan_remove_patterns
from fastgen.planning.plan_remove import plan_removal
from fastgen.planning.project_tree import Tree, project_tree, revision_files
from fastgen.planning.recorded_tree import recorded_tree
from fastgen.project import patterns
from fastgen.project.choices import choose_one
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.request import Answers, OverlayOptions
from fastgen.project.state import State, read_state
from fastgen.project.state_files import state_files
from fastgen.transaction import apply, write
from tests.environment import Environment
from tests.made_versions import EARLIER, earlier_version
from tests.matrix.combinations import EVERYTHING
from tests.support import contents, files_below

HISTORIES = int(os.environ.get("FASTGEN_HISTORIES", "1000" if EVERYTHING else "100"))
STEPS = 8
MIGRATED = 20
"""One of so many histories ends with all its migrations in a database."""
FIELDS = ("note:text:optional", "rank:int:min=1:default=1", "state:enum(new|old)", "day:date")
PLURALS = ("orders", "parcels")
MIDDLEWARE = ("timing", "rate-limit", "msgpack", "session", "csrf", "audit")
EXTRAS = ("metrics", "load-test", "devcontainer")
ENGINES = ("procrastinate", "celery", "dramatiq")
EDITABLE = (".py", ".md", ".toml", ".example", ".yml", ".yaml", ".html", "file")
HUBS = LISTS | {
    "README.md",
    "app/api/v1/items.py",
    "app/models/item.py",
    "app/schemas/item.py",
    "tests/api/test_items.py",
}
"""Files that most commands change."""
MARKED = re.compile(
    rf"<<<<<<< {LABELS[0]}\r?\n(.*?)\|\|\|\|\|\|\| .*?=======\r?\n(.*?)>>>>>>> {LABELS[2]}\r?\n",
    re.DOTALL,
)
RESOLUTIONS = (r"\1", r"\2", r"\1\2")
"""What people leave of a conflict: their lines, those of fastgen, or both."""
WIDTHS = (40, 120)
"""The shortest and the longest lines that a module is formatted for."""
PROFILES = ("force-single-line", "force-sort-within-sections", "no-sections", "case-sensitive")
NUMBER = re.compile(r"(?<![\w.#])[1-9]\d*(?![\w.])")
Planner = Callable[[Path, State], Plan]
Render = Callable[[State], Tree]


class History:
    """A project, and what people have written in it."""

    def __init__(self, project: Path, seed: int, render: Render, *, has_edits: bool) -> None:
        self.project = project
        self.render = render
        self.random = Random(seed)
        self.has_edits = has_edits
        self.own: set[str] = set()
        self.gone: set[str] = set()
        """Files that people have deleted or renamed."""
        self.log: list[str] = []

    def step(self) -> None:
        acts = [self.pattern, self.pattern, self.field, self.router, self.middleware, self.extra]
        if read_state(self.project).version == EARLIER:
            acts = [self.update]  # until then, the other commands refuse
        if self.has_edits:
            acts += [
                self.insert,
                self.change,
                self.change,
                self.renumber,
                self.delete,
                self.delete_file,
                self.rename,
                self.line_ends,
                self.format_by_ruff,
                self.format_by_black,
                self.sort_imports,
                self.commit,
            ]
        self.random.choice(acts)()
        self.check()

    def update(self) -> None:
        self.run(
            "update", lambda root, state: plan_update.plan_update(root, state, OverlayOptions())
        )

    def pattern(self) -> None:
        names = self.random.sample(patterns.names(), self.random.randint(1, 2))
        if self.random.random() < 0.6:
            engine = self.random.choice(ENGINES) if "queue" in names else None
            self.run(
                f"add {names} {engine}",
                lambda root, state: plan_add_patterns(root, state, names, engine),
            )
        else:
            self.run(
                f"remove {names}", lambda root, state: plan_remove_patterns(root, state, names)
            )

    def field(self) -> None:
        router, text = self.random.choice(["items", *PLURALS]), self.random.choice(FIELDS)
        name = text.partition(":")[0]
        if self.random.random() < 0.7:
            planner: Planner = lambda root, state: plan_add_fields(root, state, router, [text])  # noqa: E731
        else:
            planner = lambda root, state: plan_remove_field(root, state, router, name)  # noqa: E731
        self.run(f"field {router}.{name}", planner)

    def router(self) -> None:
        name = self.random.choice(PLURALS)
        self.operation(Operation("router", name, {"fields": ("label:str", "item:ref(items)")}))

    def middleware(self) -> None:
        self.operation(Operation("middleware", self.random.choice(MIDDLEWARE)))

    def extra(self) -> None:
        self.operation(Operation("extra", self.random.choice(EXTRAS)))

    def operation(self, operation: Operation) -> None:
        is_extra = operation.kind == "extra"

        def plan(root: Path, state: State) -> Plan:
            known = state.find(operation.kind, operation.name)
            if known is None and is_extra:
                return plan_extras(root, state, [operation.name])
            if known is None:
                return plan_addition(root, state, operation)
            remove = plan_extra_removal if is_extra else plan_removal
            return remove(root, state, known, force=False)

        self.run(f"toggle {operation.id}", plan, is_toggle=True)

    def run(self, words: str, planner: Planner, *, is_toggle: bool = False) -> None:
        self.log.append(words)
        try:
            plan = planner(self.project, read_state(self.project))
        except FastgenError as error:
            self.log.append(f"  {error.exit_code}: {error.message}")
            if error.exit_code not in (2, 3):
                raise
            return
        for conflict in plan.conflicts:
            check_conflict(self.project.parent, conflict)
        before = self.render(read_state(self.project))
        apply(self.project, plan.changes)
        mark_unmerged(self.project, plan.conflicts)
        same = before.keys() & self.render(read_state(self.project)).keys()
        assert [path for path in self.gone & same if (self.project / path).exists()] == [], self.log
        reported = "\n".join(line.text for line in plan.edited_lines)
        self.own = {line for line in self.own if line not in reported}
        for conflict in plan.conflicts:
            self.resolve(self.project / conflict.path)
        if not is_toggle:
            again = planner(self.project, read_state(self.project))
            assert again.changes == (), self.log

    def resolve(self, path: Path) -> None:
        kept = self.random.choice(RESOLUTIONS)
        self.log.append(f"  conflict in {path.relative_to(self.project)}, resolved by {kept}")
        before = path.read_bytes().decode()
        after = MARKED.sub(kept, before)
        path.write_bytes(after.encode())
        self.own = {line for line in self.own if line in after or line not in before}

    def edit_hubs(self) -> None:
        """Edit each of the files that most commands change."""
        for name in sorted(HUBS):
            if (self.project / name).exists():
                self.random.choice([self.insert, self.change])(self.project / name)

    def insert(self, path: Path | None = None) -> None:
        path = path or self.any_file(migrations=True)
        lines = path.read_bytes().decode().split("\n")
        at = self.random.randint(0, len(lines) - 1)
        line = f"# own {len(self.own)} {self.random.random()}"
        self.own.add(line)
        lines[at:at] = [line]
        self.write(path, lines, f"insert at {at}")

    def change(self, path: Path | None = None) -> None:
        path = path or self.any_file(migrations=True)
        lines = path.read_bytes().decode().split("\n")
        at = self.random.randint(0, len(lines) - 1)
        line = f"# own {len(self.own)} {self.random.random()}"
        self.own.add(line)
        lines[at] = f"{lines[at].rstrip()}  {line}"
        self.write(path, lines, f"change {at}")

    def renumber(self) -> None:
        """Change a number to one that is nowhere else; code stays valid."""
        path = self.any_file()
        lines = path.read_bytes().decode().split("\n")
        numbered = [
            at
            for at, line in enumerate(lines)
            if NUMBER.search(line) and not any(own in line for own in self.own)
        ]
        if numbered:
            at = self.random.choice(numbered)
            number = str(10**9 + len(self.log))
            self.own.add(number)
            lines[at] = NUMBER.sub(number, lines[at], count=1)
            self.write(path, lines, f"renumber {at}")

    def delete(self) -> None:
        path = self.any_file()
        lines = path.read_bytes().decode().split("\n")
        at = self.random.randint(0, len(lines) - 1)
        if not any(own in lines[at] for own in self.own):
            del lines[at]
            self.write(path, lines, f"delete {at}")

    def delete_file(self) -> None:
        path = self.any_file()
        self.log.append(f"delete {path.relative_to(self.project)}")
        text = path.read_bytes().decode()
        self.own = {line for line in self.own if line not in text}
        self.gone.add(path.relative_to(self.project).as_posix())
        path.unlink()

    def rename(self) -> None:
        path = self.any_file()
        self.gone.add(path.relative_to(self.project).as_posix())
        is_moved = self.random.random() < 0.3
        folder = path.parent / f"moved_{len(self.log)}" if is_moved else path.parent
        folder.mkdir(exist_ok=True)
        self.log.append(f"{'move' if is_moved else 'rename'} {path.relative_to(self.project)}")
        path.rename(folder / (path.name if is_moved else f"renamed_{len(self.log)}_{path.name}"))

    def line_ends(self) -> None:
        path = self.any_file()
        self.write(path, path.read_bytes().decode().replace("\r", "").split("\n"), "CRLF", "\r\n")

    def format_by_ruff(self) -> None:
        """Format a module for lines of any length; one that is not valid Python stays."""
        path, width = self.any_module()
        ruff = str(Path(sys.executable).with_name("ruff"))
        command = [ruff, "format", "--quiet", "--isolated", f"--line-length={width}", str(path)]
        subprocess.run(command, check=False, capture_output=True)

    def format_by_black(self) -> None:
        path, width = self.any_module()
        with suppress(InvalidInput):
            mode = black.Mode(line_length=width)
            black.format_file_in_place(path, fast=True, mode=mode, write_back=black.WriteBack.YES)

    def sort_imports(self) -> None:
        """Sort the imports of a module in another way than fastgen."""
        path, width = self.any_module()
        ruff = str(Path(sys.executable).with_name("ruff"))
        profile = f"lint.isort.{self.random.choice(PROFILES)} = true"
        command = [ruff, "check", "--quiet", "--isolated", "--select=I", "--fix"]
        command += [f"--line-length={width}", f"--config={profile}", str(path)]
        subprocess.run(command, check=False, capture_output=True)

    def any_module(self) -> tuple[Path, int]:
        """A module, and the length of lines to format it for."""
        path, width = self.any_file(".py", migrations=True), self.random.randint(*WIDTHS)
        self.log.append(f"format {path.relative_to(self.project)} for {width}")
        return path, width

    def commit(self) -> None:
        self.log.append("commit")
        run_git(self.project, "init", "--quiet")
        run_git(self.project, "add", "--all")
        run_git(self.project, "commit", "--quiet", "--allow-empty", "--message=some")

    def write(self, path: Path, lines: list[str], words: str, newline: str = "\n") -> None:
        self.log.append(f"{words} in {path.relative_to(self.project)}")
        path.write_bytes(newline.join(lines).encode())

    def any_file(self, *endings: str, migrations: bool = False) -> Path:
        """One of the files that people may edit; migrations only get comments and another form."""
        found = [
            path
            for path in files_below(self.project)
            if path.endswith(endings or EDITABLE)
            and (migrations or not path.startswith(MIGRATIONS))
            and ".fastgen" not in path
        ]
        hubs = [path for path in found if path in HUBS or "/versions/" in path]
        return self.project / self.random.choice(
            hubs if hubs and self.random.random() < 0.7 else found
        )

    def check(self) -> None:
        tree = contents(self.project)
        text = b"\n".join(tree.values()).decode("utf-8", "replace")
        assert [line for line in self.own if line not in text] == [], self.log
        state = read_state(self.project)
        fresh = self.render(state)
        if "database" in state.answers.patterns:
            made = self.tables(revisions_of(revision_files(fresh)))
            try:
                present = self.tables(read_revisions(self.project))
            except Refused:
                assert self.has_edits  # a deleted line may leave a module that is not valid
            else:
                assert present == made, self.log
        if not self.has_edits:
            fresh |= {path: text.encode() for path, text in state_files(state).items()}
            assert without_revisions(fresh) == without_revisions(tree), self.log
        assert not [path for path in os.listdir(self.project) if path.startswith(".fastgen-")]

    @staticmethod
    def tables(revisions: Revisions) -> dict[str, set[str]]:
        """The tables at the head, of which there is one, with their columns."""
        head(revisions)
        return {table.name: table.columns() for table in Schema(revisions).tables()}


def without_revisions(tree: dict[str, bytes]) -> dict[str, bytes]:
    """The tree without migrations and operations, whose order is that of the history."""
    return {
        path: content
        for path, content in tree.items()
        if not path.startswith((".fastgen/", "migrations/"))
    }


def check_conflict(folder: Path, conflict: Conflicted) -> None:
    """Git's own merge of the three texts has a conflict too."""
    paths = [folder / name for name in ("ours", "base", "theirs")]
    for path, content in zip(paths, (conflict.ours, conflict.base, conflict.theirs), strict=True):
        path.write_bytes((content or b"").replace(b"\r\n", b"\n"))
    command = ["git", "merge-file", "-p", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode > 0, conflict.path


def run_git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with an earlier version."""
    path = tmp_path_factory.mktemp("archive") / "versions.xz"
    path.write_bytes(pack({EARLIER: earlier_version()}))
    return path


@pytest.fixture(scope="module")
def earlier_trees() -> dict[str, Tree]:
    """What the earlier version has rendered: the same few projects for all histories."""
    return {}


@pytest.fixture
def render(
    archive: Path, earlier_trees: dict[str, Tree], monkeypatch: pytest.MonkeyPatch
) -> Render:
    """Renders each state once, for the test and for all plans: they ask for the same ones."""
    trees: dict[str, Tree] = {}

    def remembered(state: State, *, is_new: bool = False) -> Tree:
        known = earlier_trees if state.version == EARLIER else trees
        key = f"{is_new} {state_files(state)}"
        if key not in known:
            known[key] = project_tree(state, is_new=True) if is_new else recorded_tree(state)
        return dict(known[key])

    monkeypatch.setattr("fastgen.planning.recorded_tree.archive_file", lambda: archive)
    monkeypatch.setattr(plan_merge, "project_tree", remembered)
    monkeypatch.setattr(plan_remove, "project_tree", remembered)
    monkeypatch.setattr(plan_update, "project_tree", remembered)
    monkeypatch.setattr(
        plan_update, "rendering_recorded", lambda state: nullcontext(partial(remembered, state))
    )
    return remembered


def check_migrations(history: History, environment: Environment) -> None:
    """Those of the project give the tables of the models, with all their parts."""
    state = read_state(history.project)
    if "database" not in state.answers.patterns:
        return
    fresh = history.project.parent / "fresh"
    tree = history.render(state)
    write(fresh, {path: each for path, each in tree.items() if not path.startswith(MIGRATIONS)})
    shutil.copytree(history.project / MIGRATIONS, fresh / MIGRATIONS)
    environment.alembic(fresh, "upgrade head", "check")


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_nothing_is_lost(
    tmp_path: Path, render: Render, environment: Environment, seed: int
) -> None:
    chosen = patterns.with_needs(Random(seed).sample(patterns.names(), 2))
    answers = Answers(
        name="shop",
        title="Shop",
        description="Sells things.",
        author="",
        patterns=chosen,
        queue=choose_one("queue", None, chosen),
    )
    state = State(EARLIER if seed % 2 == 0 else __version__, answers)
    for operation in EXAMPLES:
        state = state.with_operation(operation)
    project = tmp_path / "shop"
    project.mkdir()
    write(project, render(state))
    write(project, {path: text.encode() for path, text in state_files(state).items()})
    history = History(project, seed, render, has_edits=seed % 4 != 0)

    if history.has_edits:
        history.edit_hubs()
    for _ in range(STEPS):
        history.step()
    if seed % MIGRATED == 1:
        check_migrations(history, environment)
