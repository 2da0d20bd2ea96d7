"""The tasks of the project, a module each. All modules here are imported at start."""

import dramatiq

from app.queue.options import declarations

dramatiq.set_broker(declarations)
