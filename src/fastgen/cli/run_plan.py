"""Shared steps of the commands that change a project."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from fastgen import __version__, console
from fastgen.changes import Change, Plan
from fastgen.cli.command_result import CommandResult
from fastgen.errors import Refused
from fastgen.git_index import check_checked_out, mark_unmerged
from fastgen.migrations.revisions import FOLDER as REVISIONS
from fastgen.planning.hidden_modules import check_new_files
from fastgen.planning.recorded_operations import check_recorded
from fastgen.planning.unresolved_imports import new_unresolved_imports
from fastgen.planning.unscoped_rows import new_unscoped_calls
from fastgen.project.state import OPERATIONS, State, find_root, read_state
from fastgen.report import File, Report, Status
from fastgen.transaction import apply, check_leftovers, editing, inside

MIGRATIONS = "migrations/"
UPDATE = "update"
Planner = Callable[[Path, State], Plan]


def run_plan(
    command: str,
    planner: Planner,
    *,
    dry_run: bool,
    json: bool,
    unchanged: str,
    check: bool = False,
    equivalent: str = "",
    notes: Sequence[str] = (),
    removed: str = "",
) -> CommandResult:
    """Plan the changes of the project around the current folder, and make them all or none.

    Args:
        command: as it is typed.
        planner: plans the changes.
        dry_run: whether it is only shown.
        json: whether one document is wanted.
        unchanged: what to say when nothing changes.
        check: whether it is only shown, and a change is the exit code 1.
        equivalent: the command that does the same without a dialogue, if there was one.
        notes: sentences to show above the files.
        removed: the router that the command removes.
    """
    root = find_root(Path.cwd())
    if dry_run or check:
        check_leftovers(root)
        state = _state(root, command, removed)
        plan = _plan(root, state, planner)
        inside(root, plan.changes)
        files = files_of(root, plan)
    else:
        with editing(root):
            state = _state(root, command, removed)
            plan = _plan(root, state, planner)
            files = files_of(root, plan)
            if plan.changes:
                apply(root, plan.changes)
                mark_unmerged(root, plan.conflicts)
    changes, status = plan.changes, _status(plan, dry_run=dry_run or check)
    report = Report(
        command=command,
        status=status,
        path=root,
        patterns=state.answers.patterns if plan.patterns is None else plan.patterns,
        files=files,
        next=next_steps(plan) if changes else [],
        exit_code=1 if status == "conflicts" or (check and changes) else 0,
    )
    diff = list(differences(root, changes)) if dry_run and not json else []

    def show() -> None:
        if not changes:
            console.show_line(unchanged)
        for note in notes if changes else ():
            console.show_line(note)
        console.show_files(files)
        for sentence in _remarks(plan):
            console.show_line(sentence)
        console.show_diff(diff)
        if report.next and not (dry_run or check):
            console.show_commands("Next:", report.next)
        if equivalent:
            console.show_commands("The same without questions:", [equivalent])

    return CommandResult(report, show, json)


def _state(root: Path, command: str, removed: str) -> State:
    """The state of the project, which is of the installed version unless it is updated.

    Raises:
        NotAProject: there is no state, or fastgen would not have written it.
        Refused: the project is of an older release, or a part of its state is not checked out.
    """
    check_checked_out(root, [OPERATIONS])
    state = read_state(root)
    if command != UPDATE and state.version != __version__:
        from fastgen.planning.recorded_tree import is_older_release  # inside: for a fast start

        if is_older_release(state):
            raise Refused(
                f"This project is of fastgen {state.version}, and the installed one is"
                f" {__version__}.",
                "First run `fastgen update`.",
            )
    check_recorded(root, state, removed=removed)
    return state


def _plan(root: Path, state: State, planner: Planner) -> Plan:
    plan = planner(root, state)
    check_new_files(root, plan.changes)
    return replace(
        plan,
        unresolved=[*new_unresolved_imports(root, plan.changes)],
        unscoped=[*new_unscoped_calls(root, state, plan)],
    )


def _remarks(plan: Plan) -> Iterator[str]:
    """The remaining work for the user, in sentences."""
    if plan.kept and not plan.changes:
        yield "Files of that name are there. Delete them by hand, if nothing needs them."
        return
    for row in plan.row_values:
        yield f"Existing rows of `{row.table}` get {row.value} as `{row.column}`."
    yield from _about_kept(plan.kept)
    if plan.conflicts:
        yield "Conflicts are between markers in these files. Resolve them, then run your tests:"
        for left in plan.conflicts:
            yield f"  {left.path}"
    yield from _about_lines(plan)
    for line in plan.edited_lines:
        yield f"An edited line of `{line.path}` was removed: `{line.text}`."
    for requirement in plan.by_hand:
        yield f"`{requirement.path}` cannot be edited: {requirement.reason}."


def _about_lines(plan: Plan) -> Iterator[str]:
    lines = (
        ("Code of yours needs what this removes:", "needs", plan.broken),
        (
            "New code needs what is not there. Correct these lines if it was moved or renamed:",
            "needs",
            plan.unresolved,
        ),
        (
            "Code of yours reads the rows of all users. If it should not, pass it a scope:",
            "calls",
            plan.unscoped,
        ),
    )
    for heading, verb, found in lines:
        if found:
            yield heading
            yield from (f"  {each.path}:{each.line} {verb} `{each.name}`" for each in found)


def _about_kept(kept: Sequence[str]) -> Iterator[str]:
    revisions = [path for path in kept if path.startswith(REVISIONS)]
    migrations = [path for path in kept if path.startswith(MIGRATIONS)]
    if len(kept) > len(migrations):
        yield "Edited files were kept. Delete them by hand, or undo this and use `--force`."
    if revisions:
        yield "Migrations were kept: their tables may be in a database."
    if len(migrations) > len(revisions):
        yield (
            f"The other files of `{MIGRATIONS}` were kept with them: they need the pattern"
            " `database`, and work again with it."
        )


def _status(plan: Plan, *, dry_run: bool) -> Status:
    if not plan.changes:
        return "unchanged"
    if dry_run:
        return "planned"
    left = (plan.kept, plan.broken, plan.unresolved, plan.unscoped, plan.by_hand, plan.conflicts)
    return "conflicts" if any(left) else "done"


def files_of(root: Path, plan: Plan) -> list[File]:
    """The planned change of each file."""
    found = []
    for change in plan.changes:
        is_there = (root / change.path).exists()
        if change.text is None:
            found.append(File(change.path, "delete", 0))
        else:
            size = len(change.content)
            found.append(File(change.path, "update" if is_there else "create", size))
    found += [File(path, "keep", (root / path).stat().st_size) for path in plan.kept]
    conflicts = {
        *(each.path for each in (*plan.broken, *plan.unresolved, *plan.unscoped)),
        *(left.path for left in plan.by_hand),
        *(left.path for left in plan.conflicts),
    }
    sizes = {file.path: file.bytes for file in found}
    found = [file for file in found if file.path not in conflicts]
    for path in conflicts:
        after = sizes[path] if path in sizes else (root / path).stat().st_size
        found.append(File(path, "conflict", after))
    return sorted(found, key=lambda file: (file.action, file.path))


def differences(root: Path, changes: Sequence[Change]) -> list[str]:
    """The lines of a unified diff."""
    from difflib import unified_diff

    lines: list[str] = []
    for change in sorted(changes, key=lambda change: change.path):
        path = root / change.path
        before = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
        names = (f"a/{change.path}" if before else "/dev/null", f"b/{change.path}")
        if change.text is None:
            names = (names[0], "/dev/null")
        old, new = (text.splitlines() for text in (before, change.text or ""))
        lines += unified_diff(old, new, *names, lineterm="")
    return lines


def next_steps(plan: Plan) -> list[str]:
    """The next steps: lines to add by hand, then commands that use the installed programs."""
    has_uv = shutil.which("uv") is not None
    has_just = has_uv and shutil.which("just") is not None  # the recipes call uv
    run = "uv run " if has_uv else ""
    steps = [f"add `{left.line}` to the project's dependencies" for left in plan.by_hand]
    if any(change.path == "pyproject.toml" for change in plan.changes):
        sync = "python -m pip install --editable . --group dev"
        steps.append("uv sync" if has_uv else sync)
    if any(change.path.startswith(REVISIONS) and change.text for change in plan.changes):
        steps.append("just migrate" if has_just else f"{run}alembic upgrade head")
    steps.append("just check" if has_just else f"{run}pytest")
    return steps
