"""The terminal of this process."""

import os
import sys


def is_dialogue_possible() -> bool:
    """Whether a user can answer questions: there is a terminal, and this is not a CI run."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")
