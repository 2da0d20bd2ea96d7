"""The tasks of the project, a module each. All modules here are imported at start."""

from procrastinate import Blueprint

tasks = Blueprint()
