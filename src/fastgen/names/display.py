"""Names as messages show them."""

from collections.abc import Sequence

MAX_SHOWN = 40


def shown(name: str) -> str:
    """The name in backticks, shortened, with escapes for backticks and all but printable ASCII."""
    visible = "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in name)
    visible = visible.replace("`", r"\x60")
    return f"`{visible[:MAX_SHOWN]}...`" if len(visible) > MAX_SHOWN + 3 else f"`{visible}`"


def listed(words: Sequence[str]) -> str:
    """The words in a sentence: `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
