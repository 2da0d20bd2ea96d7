"""The terminal of this process."""

import os
import sys


def is_dialogue_possible() -> bool:
    """Whether somebody can answer questions: there is a terminal, and it is not that of a CI."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")
