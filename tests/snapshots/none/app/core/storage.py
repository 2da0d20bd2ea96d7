"""Which storage this project has."""

from app.core.memory import Reads, Repository, Storage, UnitOfWork, open_storage

__all__ = ["Reads", "Repository", "Storage", "UnitOfWork", "open_storage"]
