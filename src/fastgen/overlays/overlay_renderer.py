"""Renders overlays on top of a project, one after the other.

Copier works in a copy of the project, so that it can read the project's files. What it has changed
there is checked, then taken over.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen import __version__
from fastgen.errors import BadInput, Refused
from fastgen.overlays.copier_calls import CopierCall, Rendering
from fastgen.overlays.differences import checked_changes
from fastgen.overlays.folder_files import Files, read_files
from fastgen.overlays.loading import LoadedOverlay
from fastgen.overlays.paths import shown
from fastgen.project.request import Answers, Overlay, OverlayAnswer, OverlayOptions
from fastgen.transaction import set_executable, write

MAX_ANSWERS = 100_000
"""Characters of the answers of an overlay; the state has to hold them."""


def render_overlays(
    root: Path,
    overlays: Sequence[LoadedOverlay],
    answers: Answers,
    options: OverlayOptions,
    *,
    run_tasks: bool = True,
    again: bool = False,
    version: str = __version__,
) -> tuple[Overlay, ...]:
    """Render the overlays into the project in `root`; what the state records of them.

    Args:
        root: a folder with the files of a project, and nothing else.
        overlays: in the order of rendering.
        answers: those of the project; templates have them as data.
        options: answers to the questions of the overlays, and what the overlays may do.
        run_tasks: whether the tasks of trusted overlays run.
        again: whether the project has the overlays already; then tasks never run.
        version: of fastgen, which templates have as data.

    Raises:
        BadInput: an answer is missing, not valid, or to no question.
        Refused: an overlay fails, or does what it may not do. Earlier ones are then rendered.
    """
    data = fastgen_data(answers) | {"fastgen_version": version}
    _check_foreign(data, options)
    recorded, questions = [], set[str]()
    for overlay in overlays:
        rendering = _render(root, overlay, data, options, run_tasks=run_tasks, again=again)
        questions.update(rendering.questions)
        recorded.append(
            Overlay(
                source=overlay.source,
                ref=overlay.ref,
                commit=overlay.commit,
                answers=rendering.answers,
            )
        )
    _check_questions(sorted(questions.difference(data)), options)
    return tuple(recorded)


def fastgen_data(answers: Answers) -> dict[str, object]:
    """The variables of fastgen that the templates of overlays can use."""
    return {
        "name": answers.name,
        "title": answers.title,
        "description": answers.description,
        "author": answers.author,
        "patterns": list(answers.patterns),
        "queue": answers.queue,
        "fastgen_version": __version__,
    }


def _check_foreign(data: Mapping[str, object], options: OverlayOptions) -> None:
    for key in options.answers:
        if key in data:
            raise BadInput(
                f"`{key}` is an answer of fastgen, not of an overlay.",
                "Use the option of `fastgen new` for it.",
            )


def _check_questions(questions: Sequence[str], options: OverlayOptions) -> None:
    names = ", ".join(f"`{shown(name)}`" for name in questions)
    for key in options.answers:
        if key not in questions:
            raise BadInput(
                f"No overlay has a question `{shown(key)}`.",
                f"The questions are {names}." if names else "Leave `--overlay-data` out.",
            )


def _render(
    root: Path,
    overlay: LoadedOverlay,
    data: Mapping[str, object],
    options: OverlayOptions,
    *,
    run_tasks: bool,
    again: bool,
) -> Rendering:
    """Render one overlay, and take over what it has changed."""
    before = read_files(root)
    with TemporaryDirectory(prefix="fastgen-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        target = folder / str(data["name"])
        _write_files(folder / "template", overlay.files)
        _write_files(target, before)
        rendering = CopierCall(overlay=overlay.shown, folder=folder).render(
            target,
            data,
            {**overlay.answers, **options.answers},
            trusted=options.trust,
            tasks=options.trust and run_tasks and not again,
            again=again,
        )
        allowed = (*rendering.overwrite, *options.replaces)
        try:
            changes = checked_changes(before, read_files(target), allowed, str(folder))
        except Refused as error:
            raise Refused(
                f"The overlay `{overlay.shown}` is refused: {error.message}", error.hint
            ) from None
    _check_answers(overlay, rendering.answers)
    _write_files(root, changes)
    return rendering


def _check_answers(overlay: LoadedOverlay, answers: Mapping[str, OverlayAnswer]) -> None:
    texts = [
        *answers,
        *(
            text
            for value in answers.values()
            for text in (value if isinstance(value, list) else [str(value)])
        ),
    ]
    if sum(map(len, texts)) > MAX_ANSWERS or not all(map(_is_text, texts)):
        raise Refused(
            f"The answers of the overlay `{overlay.shown}` cannot be recorded.",
            f"Use less than {MAX_ANSWERS} characters of UTF-8, without NUL.",
        )


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeError:
        return False
    return "\0" not in text


def _write_files(folder: Path, files: Files) -> None:
    write(folder, {path: file.content for path, file in files.items()})
    set_executable(folder, {path: file.executable for path, file in files.items()})
