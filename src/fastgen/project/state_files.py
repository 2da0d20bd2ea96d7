"""Writes the state of a project as text: no date, no secret, no path of this machine."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from fastgen.changes import Change
from fastgen.project.operations import Operation
from fastgen.project.request import Overlay, OverlayAnswer
from fastgen.project.state import OPERATIONS, SCHEMA, STATE_FILE, State
from fastgen.rendering.quoting import toml
from fastgen.source_files import read_source

WIDTH = 80

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def state_files(state: State) -> dict[str, str]:
    """The texts of the files that hold the state, by their paths below the project."""
    return {
        STATE_FILE: "\n".join([*_project_lines(state), ""]),
        **{
            f"{OPERATIONS}/{operation.id}.toml": "\n".join([*_operation_lines(operation), ""])
            for operation in state.operations
        },
    }


def state_document(state: State) -> str:
    """The state in one text, as `fastgen new --from` reads it."""
    lines = [*_project_lines(state)][1:]
    for operation in state.operations:
        lines += ["", f"[operations.{operation.id}]", *_operation_lines(operation)]
    return "\n".join(["# A project: `fastgen new --from` makes it.", *lines, ""])


def state_changes(root: Path, before: State, after: State) -> list[Change]:
    """The changes of the files that differ; a file keeps its line ends."""
    old, new = state_files(before), state_files(after)
    written = [
        Change(path, _with_line_ends(root, path, text) if path in old else text)
        for path, text in new.items()
        if text != old.get(path)
    ]
    return [*written, *(Change(path, None) for path in old if path not in new)]


def _with_line_ends(root: Path, path: str, text: str) -> str:
    return text.replace("\n", "\r\n") if "\r\n" in read_source(root, path) else text


def _project_lines(state: State) -> Iterator[str]:
    answers = state.answers
    yield "# The state of this project: fastgen reads it."
    yield f"schema = {SCHEMA}"
    yield f"fastgen = {toml(state.version)}"
    yield ""
    yield "[answers]"
    yield f"name = {toml(answers.name)}"
    yield f"title = {toml(answers.title)}"
    yield f"description = {toml(answers.description)}"
    yield f"author = {toml(answers.author)}"
    yield f"patterns = {_array(answers.patterns)}"
    if answers.queue:
        yield f"queue = {toml(answers.queue)}"
    for overlay in state.overlays:
        yield from _overlay_lines(overlay)


def _overlay_lines(overlay: Overlay) -> Iterator[str]:
    yield ""
    yield "[[overlays]]"
    yield f"source = {toml(overlay.source)}"
    yield f"ref = {toml(overlay.ref)}"
    yield f"commit = {toml(overlay.commit)}"
    if overlay.answers:
        yield ""
        yield "[overlays.answers]"
    for key, value in overlay.answers.items():
        yield f"{key if _BARE_KEY.fullmatch(key) else toml(key)} = {_value(value)}"


def _operation_lines(operation: Operation) -> Iterator[str]:
    yield f"kind = {toml(operation.kind)}"
    yield f"name = {toml(operation.name)}"
    for option, value in operation.options.items():
        yield f"{option} = {toml(value) if isinstance(value, str) else _array(value)}"
    yield f"after = {toml(operation.after)}"


def _value(value: OverlayAnswer) -> str:
    match value:
        case str():
            return toml(value)
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case _:
            return _array(value)


def _array(values: Sequence[str]) -> str:
    line = f"[{', '.join(map(toml, values))}]"
    if len(line) < WIDTH:
        return line
    return "\n".join(["[", *(f"    {toml(value)}," for value in values), "]"])
