"""Names as messages show them."""

MAX_SHOWN = 40


def shown(name: str) -> str:
    """The name in backticks, shortened, with an escape for every character but printable ASCII."""
    visible = "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in name)
    return f"`{visible[:MAX_SHOWN]}...`" if len(visible) > MAX_SHOWN + 3 else f"`{visible}`"
