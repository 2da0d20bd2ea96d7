"""Finds the markers of a conflict that nobody has resolved."""

import re

_START = re.compile(rb"^<{7}(?: |\r?$)", re.MULTILINE)
_END = re.compile(rb"^>{7}(?: |\r?$)", re.MULTILINE)


def line_of_conflict(content: bytes) -> int:
    """The number of the line with the first marker; 0 if there is no conflict."""
    start = _START.search(content)
    if start is None or _END.search(content, start.end()) is None:
        return 0
    return content.count(b"\n", 0, start.start()) + 1
