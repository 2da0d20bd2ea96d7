"""Pagination by cursor. Cursors are opaque and signed."""

from hashlib import sha384

from itsdangerous import BadSignature, Signer, base64_decode, base64_encode

from app.core.errors import Invalid


class CursorCodec:
    """Encodes the id of the last row of a page as a token, and decodes it.

    The key is derived from the secret key, so that a token for another purpose is never valid.
    """

    def __init__(self, secret: str) -> None:
        # A signature of 48 bytes leaves no bits of base64 unused: it has one text only.
        self._signer = Signer(secret, salt="cursor", digest_method=sha384)

    def encode(self, row_id: int) -> str:
        return self._signer.sign(base64_encode(row_id.to_bytes(8))).decode()

    def decode(self, cursor: str | None) -> int:
        """The row id of the cursor; 0 without one, for the first page.

        Raises:
            Invalid: the cursor was not made by this service.
        """
        if not cursor:
            return 0
        try:
            return int.from_bytes(base64_decode(self._signer.unsign(cursor)))
        except BadSignature:
            raise Invalid("The cursor is not valid.", location=("query", "cursor")) from None
