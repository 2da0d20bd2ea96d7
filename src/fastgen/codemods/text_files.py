"""Files that are no Python: `.env.example`, and the requirements in `pyproject.toml`."""

import re
import tomllib
from collections.abc import Sequence

from fastgen.codemods.edit_result import AlreadyThere, CannotEdit, Edited, EditResult, Unclear

_START = re.compile(r"^dependencies\s*=\s*\[", re.MULTILINE)


def add_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Put lines of settings at the end, behind a blank one."""
    wanted = _variables(lines)
    if wanted <= _variables(text.splitlines()):
        return AlreadyThere()
    newline = "\r\n" if "\r\n" in text else "\n"
    ending = "" if not text or text.endswith("\n") else newline
    blank = newline if text.strip() else ""
    return Edited(text + ending + blank + "".join(f"{line}{newline}" for line in lines))


def remove_environment(text: str, lines: Sequence[str]) -> EditResult:
    """Take the lines of settings away, whatever their values, and what is said above them."""
    newline = "\r\n" if "\r\n" in text else "\n"
    block = newline + "".join(f"{line}{newline}" for line in lines)
    if block in text:
        return Edited(text.replace(block, "", 1))
    variables = _variables(lines)
    kept = [
        line
        for line in text.split("\n")
        if line.rstrip("\r") not in lines and not _variables([line]) & variables
    ]
    edited = "\n".join(kept)
    return AlreadyThere() if edited == text else Edited(edited)


def _variables(lines: Sequence[str]) -> set[str]:
    return {match[1] for line in lines if (match := re.match(r"([A-Z][A-Z0-9_]*)=", line))}


def add_requirement(text: str, requirement: str) -> EditResult:
    """Put a requirement among those of the project, where a sorted list has it."""
    try:
        return _with_requirement(text, requirement)
    except Unclear as problem:
        return CannotEdit(str(problem), f'"{requirement}",')


def remove_requirement(text: str, requirement: str) -> EditResult:
    """Take a requirement away, if it is written exactly so."""
    try:
        before = _requirements(text)
        if requirement not in before:
            return AlreadyThere()
        lines = text.split("\n")
        found = [n for n, line in enumerate(lines) if line.strip() == f'"{requirement}",']
        edited = "\n".join(line for n, line in enumerate(lines) if n not in found[:1])
        _check(edited, [each for each in before if each != requirement], text)
    except Unclear as problem:
        return CannotEdit(str(problem), f'"{requirement}",')
    return Edited(edited)


def _with_requirement(text: str, requirement: str) -> EditResult:
    before = _requirements(text)
    if _name(requirement) in map(_name, before):
        return AlreadyThere()
    start = _START.search(text)
    if start is None:
        raise Unclear("there is no list of `dependencies` under `[project]`")
    lines = text[start.end() :].split("\n")
    written = [n for n, line in enumerate(lines) if line.strip().startswith('"')]
    written = [n for n in written if not any(line.strip() == "]" for line in lines[:n])]
    if not written or lines[0].strip():
        raise Unclear("the list of `dependencies` has no line for each of them")
    if not lines[written[-1]].rstrip().partition("#")[0].rstrip().endswith(","):
        raise Unclear("the list of `dependencies` has no comma at its end")
    later = [n for n in written if lines[n].strip().strip('"').lower() > requirement.lower()]
    place = later[0] if later else written[-1] + 1
    sample = lines[written[0]]
    indent, end = sample[: len(sample) - len(sample.lstrip())], sample[len(sample.rstrip()) :]
    lines.insert(place, f'{indent}"{requirement}",{end}')
    edited = text[: start.end()] + "\n".join(lines)
    _check(edited, [*before, requirement], text)
    return Edited(edited)


def _requirements(text: str) -> list[str]:
    try:
        document = tomllib.loads(text)
        return [*map(str, document["project"].get("dependencies", []))]
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError) as error:
        raise Unclear(f"it is not valid: {error}") from None


def _check(edited: str, wanted: Sequence[str], text: str) -> None:
    """Make sure that nothing else has changed."""
    try:
        found, before = tomllib.loads(edited), tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise Unclear("there is no telling where a line would end up") from None
    requirements = found["project"].pop("dependencies", [])
    before["project"].pop("dependencies", None)
    if found != before or sorted(requirements) != sorted(wanted):
        raise Unclear("there is no telling where a line would end up")


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", match[0] if match else "").lower()
