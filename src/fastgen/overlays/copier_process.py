"""Runs Copier in a process of its own: `python -m fastgen.overlays.copier_process FOLDER`.

The only module that imports Copier. It reads `request.json` in the folder and writes
`result.json`. In its own process, Copier cannot write to the output of fastgen, and a template
that never ends can be stopped.
"""

import json
import os
import re
import shlex
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastgen.overlays.process_limits import (
    DISK_ERRORS,
    MAX_MEMORY,
    end_with_parent,
    limit_resources,
)

if TYPE_CHECKING:
    from copier._main import Worker
    from copier._template import Template

ANSWERS_FILE = ".copier-answers.yml"
"""Left out of the project: the state has the answers."""

_TYPES = ("bool", "float", "int", "json", "path", "str")
_TEXT_TYPES = ("path", "str")
_LISTS = ("migrations", "tasks")
_LISTS_OF_TEXTS = ("exclude", "jinja_extensions", "overwrite", "secret_questions", "skip_if_exists")
_MAPPINGS = ("envops", "external_data")
_TEXTS = ("answers_file", "min_copier_version", "subdirectory", "templates_suffix")
"""Settings by the kind of their values, without the `_` that their names start with."""
_QUESTION = re.compile(r"""(?:for|question) ['"]([^'"]+)['"]""", re.IGNORECASE)
_PREFIX = re.compile(r"(?:Validation error|Invalid choice) for (?:question )?'[^']+': ")


class AnswerError(Exception):
    """An answer is missing or not valid."""

    def __init__(self, message: str, question: str) -> None:
        super().__init__(message)
        self.question = question


class TrustError(Exception):
    """The template wants to run code and is not trusted."""


def render(request: Mapping[str, Any]) -> dict[str, Any]:
    """Render a template into a folder; the answers for the state, and what it may replace."""
    # Copier merges documents and included files: only its own loader reads all that it will use.
    from copier._template import Template

    template = Template(url=request["template"])
    _check_settings(template)
    overwrite = template.config_data.get("overwrite") or []
    if not request["trusted"] and (code := _code(template, again=request["again"])):
        raise TrustError(", ".join(code))
    questions = list(template.questions_data)
    given = {key: text for key, text in request["answers"].items() if key in questions}
    try:
        worker = _run_copier(request, given)
    except Exception as error:
        if clash := _clash(error, Path(request["target"])):
            raise Fault(clash) from error
        secrets = [text for key, text in given.items() if key in template.secret_questions]
        raise _without(secrets, error) from error
    return {
        "answers": _recorded(worker, given, set(request["data"])),
        "questions": questions,
        "overwrite": overwrite,
    }


def _run_copier(request: Mapping[str, Any], given: Mapping[str, str]) -> "Worker":
    from copier import Settings, run_copy

    options: dict[str, Any] = {
        "src_path": request["template"],
        "dst_path": request["target"],
        "data": {**given, **request["data"]},
        "answers_file": ANSWERS_FILE,
        "settings": Settings(),  # not those of the user
        "defaults": True,
        "overwrite": True,
        "quiet": True,
        "unsafe": request["trusted"],
    }
    try:
        # Asks the questions alone, to tell faults of the answers from those of the template.
        run_copy(**options, exclude=["*"], pretend=True, skip_tasks=True)
    except Exception as error:
        if _is_about_answers(error):
            raise AnswerError(_reason(error), _question(error, given)) from error
        raise
    exclude = [f"/{ANSWERS_FILE}"]
    return run_copy(**options, exclude=exclude, skip_tasks=not request["tasks"])


def _check_settings(template: "Template") -> None:
    """Copier takes a setting of any kind, and fails where it uses it.

    Raises:
        Fault: `copier.yml` has something of another kind.
    """
    try:
        settings = template.config_data
    except (AttributeError, TypeError) as error:
        lists = ", ".join(f"`_{name}`" for name in _LISTS_OF_TEXTS)
        raise Fault(f"`copier.yml` must have names with values, and lists in {lists}") from error
    for name, value in settings.items():
        where = f"`_{name}` in `copier.yml`"
        if name in (*_LISTS, *_LISTS_OF_TEXTS) and not isinstance(value, list | None):
            raise Fault(f"{where} is not a list")
        if name in _LISTS_OF_TEXTS and not all(isinstance(each, str) for each in value or ()):
            raise Fault(f"{where} has something other than texts")
        if name in _MAPPINGS and not isinstance(value, dict):
            raise Fault(f"{where} has no names with values")
        if name in _TEXTS and not isinstance(value, str):
            raise Fault(f"{where} is not a text")


def _code(template: "Template", *, again: bool) -> list[str]:
    """The code that the template would run, in words; tasks never run again."""
    config = template.config_data
    extensions = [f"Jinja extension `{name}`" for name in config.get("jinja_extensions") or ()]
    if again:
        return extensions
    return [
        *(f"task `{_command(task)}`" for task in config.get("tasks") or ()),
        *(f"migration `{_command(one)}`" for one in config.get("migrations") or ()),
        *extensions,
    ]


def _command(task: object) -> str:
    if isinstance(task, Mapping):
        steps = [*task.get("before", ()), *task.get("after", ())]
        return "; ".join(map(_command, steps)) if steps else _command(task.get("command", ""))
    return shlex.join(map(str, task)) if isinstance(task, list) else str(task)


def _is_about_answers(error: Exception) -> bool:
    """Whether an error of the questions is one of the answers, and not of the template."""
    from copier.errors import ConfigFileError, PathError

    is_template = type(error).__module__.startswith(("jinja2", "pydantic"))
    is_template |= isinstance(error, ConfigFileError | PathError | UnicodeError)
    is_template |= str(error).startswith(("Unsupported type", "embedded null"))
    return isinstance(error, ValueError | TypeError) and not is_template


def _question(error: Exception, answers: Mapping[str, str]) -> str:
    """The question that an error is about, as far as it can be known."""
    message = str(error)
    if match := _QUESTION.search(message):
        return match[1]
    named = [key for key, text in answers.items() if repr(text) in message]
    candidates = named or list(answers)
    return candidates[0] if len(candidates) == 1 else ""


def _reason(error: Exception) -> str:
    """The reason why an answer is not valid; the question is named elsewhere."""
    message = str(error)
    if message.endswith(" is required"):
        return "it is required"
    if message.startswith(("invalid literal for int", "could not convert string to float")):
        return f"{message.rpartition(': ')[2]} is not a number"
    return _PREFIX.sub("", message) or "it has another type"


def _recorded(worker: "Worker", given: Mapping[str, str], foreign: set[str]) -> dict[str, Any]:
    """The answers of a template's own questions, without secrets."""
    template, values = worker.template, worker.answers.combined
    return {
        key: _storable(values[key], _type(details), given.get(key))
        for key, details in template.questions_data.items()
        if key in values
        and key not in foreign | template.secret_questions
        and (key not in worker.answers.hidden or key in given)
    }


def _type(details: Mapping[str, Any]) -> str:
    stated = str(details.get("type") or type(details.get("default")).__name__)
    return stated if stated in _TYPES else "yaml"


def _storable(value: object, kind: str, given: str | None) -> object:
    """A value that TOML can hold, and that Copier casts to the same answer again."""
    if isinstance(value, bool | int | float) or (isinstance(value, str) and kind in _TEXT_TYPES):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value
    return json.dumps(value, ensure_ascii=False, default=str) if given is None else given


def _clash(error: Exception, target: Path) -> str:
    """A sentence if a file of the template has the path of a folder of the project, or reversed."""
    if isinstance(error, AssertionError):  # Copier expects a folder, without a message
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        path = frame.f_locals.get("dst_relpath")
        return f"`{path}` is a folder in the project, but a file in the template" if path else ""
    if isinstance(error, FileExistsError) and target in Path(error.filename or "").parents:
        path = Path(error.filename).relative_to(target).as_posix()
        return f"`{path}` is a file in the project, but a folder in the template"
    return ""


def _without(secrets: Sequence[str], error: Exception) -> Exception:
    """The error, with other words if its message has a secret."""
    message = _message(error)
    if not any(secret and secret in message for secret in secrets):
        return error
    for secret in filter(None, secrets):
        message = message.replace(secret, "***")
    return (
        AnswerError(message, error.question) if isinstance(error, AnswerError) else Fault(message)
    )


class Fault(Exception):
    """A fault of the template."""


def _failure(error: Exception, template: str) -> dict[str, str]:
    kinds: Mapping[type[Exception], str] = {AnswerError: "answer", TrustError: "trust"}
    return {
        "kind": kinds.get(type(error), "template"),
        "question": error.question if isinstance(error, AnswerError) else "",
        "message": _message(error),
        "where": _place(error, template),
    }


def _message(error: Exception) -> str:
    from copier.errors import InvalidConfigFileError

    if isinstance(error, MemoryError):
        return f"it needs more than {MAX_MEMORY // 1024**3} GiB of memory"
    if isinstance(error, OSError) and error.filename:
        return f"`{error.filename}`: {error.strerror}"
    if isinstance(error, InvalidConfigFileError):
        mark = getattr(error.__cause__, "problem_mark", None)
        return f"`{error}` is not valid YAML{f', line {mark.line + 1}' if mark else ''}"
    return str(error) or type(error).__name__


def _place(error: BaseException, template: str) -> str:
    """The file of the template in which Jinja failed, and its line."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    if name and line:
        return f"`{name}`, line {line}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(template):
            path = Path(frame.filename).relative_to(template).as_posix()
            return f"`{path}`, line {frame.lineno}"
    return ""


def _disk_error(error: BaseException) -> int:
    """The number of the error of the disk that has caused an error, if there is one."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:  # an error may be raised from itself
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for cause in causes:
        output = str(getattr(cause, "stderr", ""))  # of git, which Copier starts
        for number in DISK_ERRORS:
            if getattr(cause, "errno", 0) == number or os.strerror(number) in output:
                return number
    return 0


def main(folder: Path) -> None:
    """Answer the request in a folder. An error of the disk is the exit code of the process."""
    request = json.loads((folder / "request.json").read_text("utf-8"))
    end_with_parent(request["parent"], folder)
    if not request["tasks"]:  # a task may be a program that needs more
        limit_resources()
    try:
        result = render(request)
    except Exception as error:  # noqa: BLE001  # anything that a template can cause
        if number := _disk_error(error):
            sys.exit(number)
        result = {"error": _failure(error, request["template"])}
    try:
        (folder / "result.json").write_text(json.dumps(result), "utf-8")
    except OSError as error:
        sys.exit(_disk_error(error) or 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
