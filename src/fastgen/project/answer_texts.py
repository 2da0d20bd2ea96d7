"""The texts of a project: its title, its description and its author."""

from fastgen.errors import BadInput

MAX_CHARACTERS = {"title": 200, "description": 2000, "author": 200}


def check_text(option: str, text: str) -> str:
    """The text if it can be stored, decoded again: an ASCII locale leaves its bytes as escapes.

    Raises:
        BadInput: it is too long, has a NUL character, or is not UTF-8, such as a lone surrogate.
    """
    try:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise BadInput(f"The {option} is not valid UTF-8.", "Type it again.") from None
    if "\x00" in text:
        raise BadInput(f"The {option} contains a NUL character.", "Remove it.")
    if len(text) > MAX_CHARACTERS[option]:
        raise BadInput(
            f"The {option} has {len(text):,} characters; the maximum is "
            f"{MAX_CHARACTERS[option]:,}.",
            "Shorten it.",
        )
    return text


def default_description(title: str) -> str:
    """The description of a project that was given none."""
    return f"The {title} service."
