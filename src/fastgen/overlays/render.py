"""Renders overlays on top of a project, one after the other.

Copier works in a copy of the project, so that it can read the project's files. What it has changed
there is checked, then taken over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fastgen import __version__
from fastgen.errors import BadInput, Refused
from fastgen.overlays.copier_calls import CopierCall, Inspection
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
) -> tuple[Overlay, ...]:
    """Render the overlays into the project in `root`; what the state records of them.

    Args:
        root: a folder with the files of a project, and nothing else.
        overlays: in the order of rendering.
        answers: those of the project; templates have them as data.
        options: answers to the questions of the overlays, and what the overlays may do.
        run_tasks: whether the tasks of trusted overlays run.

    Raises:
        BadInput: an answer is missing, not valid, or to no question.
        Refused: an overlay fails, or does what it may not do. Earlier ones are then rendered.
    """
    with TemporaryDirectory(prefix="fastgen-", ignore_cleanup_errors=True) as name:
        calls = [
            _prepared(Path(name).resolve() / str(index), overlay)
            for index, overlay in enumerate(overlays)
        ]
        inspections = [call.inspect() for call in calls]
        data = fastgen_data(answers)
        for call, inspection in zip(calls, inspections, strict=True):
            _check_trust(call, inspection, options)
        _check_keys(inspections, data, options)
        return tuple(
            Overlay(
                source=overlay.source,
                ref=overlay.ref,
                commit=overlay.commit,
                answers=_render(root, call, inspection, data, options, run_tasks=run_tasks),
            )
            for overlay, call, inspection in zip(overlays, calls, inspections, strict=True)
        )


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


def _prepared(folder: Path, overlay: LoadedOverlay) -> CopierCall:
    _write_files(folder / "template", overlay.files)
    return CopierCall(overlay=overlay.shown, folder=folder)


def _check_trust(call: CopierCall, inspection: Inspection, options: OverlayOptions) -> None:
    if inspection.runs and not options.trust:
        runs = shown(", ".join(inspection.runs))
        raise Refused(
            f"The overlay `{call.overlay}` wants to run code: {runs}.",
            "Read the code; if you trust it, pass `--trust`.",
        )


def _check_keys(
    inspections: Sequence[Inspection], data: Mapping[str, object], options: OverlayOptions
) -> None:
    known = sorted({key for each in inspections for key in each.questions}.difference(data))
    for key in options.answers:
        if key in data:
            raise BadInput(
                f"`{key}` is an answer of fastgen, not of an overlay.",
                "Use the option of `fastgen new` for it.",
            )
        if key not in known:
            raise BadInput(
                f"No overlay has a question `{shown(key)}`.",
                f"The questions are {', '.join(f'`{shown(one)}`' for one in known)}."
                if known
                else "Leave `--overlay-data` out.",
            )


def _render(
    root: Path,
    call: CopierCall,
    inspection: Inspection,
    data: Mapping[str, object],
    options: OverlayOptions,
    *,
    run_tasks: bool,
) -> dict[str, OverlayAnswer]:
    """Render one overlay; its answers."""
    before = read_files(root)
    target = call.folder / str(data["name"])
    _write_files(target, before)
    given = {key: text for key, text in options.answers.items() if key in inspection.questions}
    hidden = [text for key, text in given.items() if key in inspection.secrets]
    answers: dict[str, OverlayAnswer] = replace(call, hidden=hidden).render(
        target, data, given, trusted=options.trust, tasks=options.trust and run_tasks
    )
    try:
        after = read_files(target)
        allowed = (*inspection.overwrite, *options.replaces)
        changes = checked_changes(before, after, allowed, str(call.folder))
    except Refused as error:
        raise Refused(
            f"The overlay `{call.overlay}` is refused: {error.message}", error.hint
        ) from None
    _check_answers(call, answers)
    _write_files(root, changes)
    return answers


def _check_answers(call: CopierCall, answers: Mapping[str, OverlayAnswer]) -> None:
    text = repr(dict(answers))
    if len(text) > MAX_ANSWERS or "\\x00" in text:
        raise Refused(
            f"The answers of the overlay `{call.overlay}` cannot be recorded.",
            f"Use less than {MAX_ANSWERS} characters, without NUL.",
        )


def _write_files(folder: Path, files: Files) -> None:
    write(folder, {path: file.content for path, file in files.items()})
    set_executable(folder, {path: file.executable for path, file in files.items()})
