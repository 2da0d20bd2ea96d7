"""Reservations whose reads are counted."""

from app.core.read_counter import reads
from app.core.reservations import reservation

__all__ = ["reads", "reservation"]
