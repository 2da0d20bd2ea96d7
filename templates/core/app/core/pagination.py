"""Pagination by cursor. Cursors are opaque and signed."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Protocol

from app.core.errors import Invalid

_TAG_BYTES = 16  # with the 8 of an id, 24 bytes: base64 without padding or spare bits


class CursorCodec:
    """Encodes the id of the last row of a page as a token, and decodes it.

    The key is derived from the secret key, so that a token for another purpose is never valid.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"cursor", "sha256")

    def encode(self, row_id: int) -> str:
        payload = row_id.to_bytes(8)
        return base64.urlsafe_b64encode(self._tag(payload) + payload).decode()

    def decode(self, cursor: str) -> int:
        """The row id of the cursor.

        Raises:
            Invalid: the cursor was not made by this service.
        """
        try:
            token = base64.b64decode(cursor, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            token = b""
        tag, payload = token[:_TAG_BYTES], token[_TAG_BYTES:]
        if len(payload) != 8 or not hmac.compare_digest(tag, self._tag(payload)):
            raise Invalid("The cursor is not valid.", location=("query", "cursor"))
        return int.from_bytes(payload)

    def _tag(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, hashlib.sha256)[:_TAG_BYTES]


class Numbered(Protocol):
    """A row, or another object with an ascending id."""

    @property
    def id(self) -> int: ...


class CursorParams:
    """The position of a client in a list, and the size of the next page."""

    def __init__(self, codec: CursorCodec, cursor: str | None, size: int) -> None:
        self._codec = codec
        self.after = codec.decode(cursor) if cursor else 0
        """The id of the last row of the previous page."""
        self.size = size

    @property
    def limit(self) -> int:
        """One row more than the page has: it shows whether there is a next page."""
        return self.size + 1

    def page(self, rows: Sequence[Numbered]) -> dict[str, Any]:
        """The fields of a `CursorPage`, from at most `limit` rows."""
        shown = rows[: self.size]
        more = len(rows) > self.size
        return {"items": shown, "next_cursor": self._codec.encode(shown[-1].id) if more else None}
