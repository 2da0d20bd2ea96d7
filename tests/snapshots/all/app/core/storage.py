"""Which storage this project has."""

from app.core.sql import Reads, Storage, UnitOfWork, open_storage
from app.core.sql_repository import Repository

__all__ = ["Reads", "Repository", "Storage", "UnitOfWork", "open_storage"]
