"""The options of `fastgen new` about overlays."""

from collections.abc import Sequence
from pathlib import Path

from fastgen.errors import BadInput
from fastgen.project.request import Overlay, OverlayOptions


def parse_overlay_options(
    sources: Sequence[str] | None,
    data: Sequence[str] | None,
    replaces: Sequence[str] | None,
    *,
    trust: bool,
    recorded: Sequence[Overlay] = (),
    base: Path = Path(),
) -> OverlayOptions:
    """The options, checked; recorded overlays are left out if others are asked for.

    Raises:
        BadInput: an option needs `--overlay`, is not `KEY=VALUE`, or not a path in the project.
    """
    for option, given in (
        ("--overlay-data", data),
        ("--overlay-replaces", replaces),
        ("--trust", trust),
    ):
        if given and not (sources or recorded):
            raise BadInput(
                f"`{option}` needs an overlay.", "Add `--overlay SOURCE`, or leave it out."
            )
    return OverlayOptions(
        sources=tuple(sources or ()),
        recorded=() if sources else tuple(recorded),
        base=base,
        answers=_answers(data or ()),
        replaces=tuple(map(_replaced_path, replaces or ())),
        trust=trust,
    )


def overlay_words(options: OverlayOptions) -> list[str]:
    """The same options on a command line, without credentials and with their answers."""
    if not options.sources:
        return []
    from fastgen.overlays import shown_source  # inside: most projects have none

    return [
        *(word for source in options.sources for word in ("--overlay", shown_source(source))),
        *(
            word
            for key, text in options.answers.items()
            for word in ("--overlay-data", f"{key}={text}")
        ),
        *(word for path in options.replaces for word in ("--overlay-replaces", path)),
    ]


def _replaced_path(text: str) -> str:
    path = text.replace("\\", "/").removeprefix("./")
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise BadInput(
            f"`{text}` is not a path in the project.",
            "Write one such as `README.md` or `deploy/**`.",
        )
    return path


def _answers(data: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in data:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise BadInput("`--overlay-data` needs a key and a value.", "Write `KEY=VALUE`.")
        if key in found:
            raise BadInput(f"`--overlay-data` has `{key}` twice.", "Leave one of them out.")
        try:
            found[key] = value.encode("utf-8", "surrogateescape").decode("utf-8")
        except UnicodeError:
            raise BadInput(f"The answer to `{key}` is not UTF-8.", "Type it again.") from None
    return found
