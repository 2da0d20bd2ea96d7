"""Which storage this project has."""

from app.core.sql.repository import Repository
from app.core.sql.storage import Reads, Storage, UnitOfWork, open_storage

__all__ = ["Reads", "Repository", "Storage", "UnitOfWork", "open_storage"]
