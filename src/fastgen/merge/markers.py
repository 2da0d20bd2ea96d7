"""Finds the markers of a conflict that nobody has resolved."""

import re

from fastgen.merge.text import LABELS

_START = re.compile(rb"^<{7}(?: |\r?$)", re.MULTILINE)
_END = re.compile(rb"^>{7}(?: |\r?$)", re.MULTILINE)
_OF_FASTGEN = re.compile(
    rb"^(?:<{7} %b|\|{7} %b|>{7} %b)\r?$" % tuple(label.encode() for label in LABELS), re.MULTILINE
)


def line_of_conflict(content: bytes) -> int:
    """The number of the line with the first marker; 0 if there is no conflict.

    A start and an end are a conflict. A marker of fastgen is one by itself: people may have removed
    only some of the markers.
    """
    found = _START.search(content)
    if found is None or _END.search(content, found.end()) is None:
        found = _OF_FASTGEN.search(content)
    return content.count(b"\n", 0, found.start()) + 1 if found else 0
