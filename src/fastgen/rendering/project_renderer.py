"""Renders the files of a project that are there whatever its resources: the only user of Copier.

Copier is asked for nothing but rendering: the answers are checked before, it runs no tasks, reads
no settings of the user, and asks no questions.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from fastgen.project.request import Answers
from fastgen.rendering.quoting import quoted
from fastgen.rendering.template_folder import templates

# Copier imports these for its own dialogue, which never takes place here, and which is nearly half
# of what importing it costs.
_DIALOGUE = (
    "questionary",
    "questionary.prompts",
    "questionary.prompts.common",
    "prompt_toolkit",
    "prompt_toolkit.lexers",
    "pygments",
    "pygments.lexers",
    "pygments.lexers.data",
)


def render_project(answers: Answers, folder: Path) -> None:
    """Render the project for `answers` into `folder`.

    The same answers give the same bytes.

    Raises:
        OSError: the disk is full, a file cannot be written.
    """
    with _without_dialogue():
        from copier import Settings, run_copy  # most of the time of a command
        from plumbum import local  # how Copier starts programs

    # Without a PATH there is no git, which Copier would otherwise start once for every file.
    with local.env(PATH=""), _compiling_once():
        run_copy(
            str(templates() / "project"),
            folder,
            data={
                "name": answers.name,
                "title": dict(quoted(answers.title)),
                "description": dict(quoted(answers.description)),
                "author": dict(quoted(answers.author)),
                "patterns": list(answers.patterns),
            },
            settings=Settings(),
            defaults=True,
            overwrite=True,
            quiet=True,
        )


@contextmanager
def _without_dialogue() -> Iterator[None]:
    """Let placeholders stand for what is imported here but not used, unless it is there anyway."""
    added = [name for name in _DIALOGUE if name not in sys.modules]
    for name in added:
        module = ModuleType(name)
        module.__path__ = []
        module.__getattr__ = lambda _: object  # type: ignore[method-assign]
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]


@contextmanager
def _compiling_once() -> Iterator[None]:
    """Keep what Jinja2 has compiled: Copier has the names of all folders compiled for each file."""
    from jinja2 import Environment, Template

    compile_anew = Environment.from_string
    compiled: dict[tuple[Environment, str], Template] = {}

    def from_string(environment: Environment, source: str) -> Template:
        key = (environment, source)
        if key not in compiled:
            compiled[key] = compile_anew(environment, source)
        return compiled[key]

    Environment.from_string = from_string  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Environment.from_string = compile_anew  # type: ignore[method-assign]
