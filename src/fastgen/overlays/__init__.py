"""Overlays: Copier templates that are rendered on top of a project.

fastgen reads the template, Copier renders it in a process of its own into a copy of the project,
and fastgen checks every difference before it takes one over.
"""

from fastgen.overlays.copier_calls import Untrusted
from fastgen.overlays.loading import (
    LoadedOverlay,
    load_again,
    load_newest,
    load_overlay,
    load_recorded,
)
from fastgen.overlays.overlaid_tree import overlaid_tree
from fastgen.overlays.overlay_renderer import render_overlays
from fastgen.overlays.source import shown_source

__all__ = [
    "LoadedOverlay",
    "Untrusted",
    "load_again",
    "load_newest",
    "load_overlay",
    "load_recorded",
    "overlaid_tree",
    "render_overlays",
    "shown_source",
]
