"""Users of an external identity provider: found by issuer and subject, created at first use."""

import hashlib

from app.auth.identity_provider import ExternalClaims
from app.auth.models import User
from app.auth.principal import Role
from app.auth.repository import UserRepository
from app.auth.schemas import normalize_email
from app.core.errors import Conflict
from app.db.database import Database


async def find_or_create_user(database: Database, claims: ExternalClaims) -> User:
    """The user with this identity, never another user with the same e-mail address."""
    committed = UserRepository(database.read_session())
    user = await committed.get_by_identity(claims.issuer, claims.subject)
    if user is not None:
        return user
    try:
        async with database.session() as session:
            return await _create(UserRepository(session), claims)
    except Conflict:
        # A concurrent request has created it.
        user = await committed.get_by_identity(claims.issuer, claims.subject)
        if user is None:
            raise
        return user


async def _create(users: UserRepository, claims: ExternalClaims) -> User:
    email = normalize_email(claims.email) if claims.email else None
    if email is None or await users.get_by_email(email) is not None:
        identity = f"{claims.issuer} {claims.subject}".encode()
        email = f"{hashlib.sha256(identity).hexdigest()[:32]}@external.invalid"
    user = User(
        email=email,
        full_name=claims.full_name,
        issuer=claims.issuer,
        subject=claims.subject,
        role=Role.USER,
        is_active=True,
    )
    return await users.add(user)
