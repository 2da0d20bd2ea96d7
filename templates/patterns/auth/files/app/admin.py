"""Create the first admin: `python -m app.admin`.

The address and the password come from FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD, or from a prompt.
Arguments of a command would be visible to every process of the machine.
"""

import asyncio
import sys
from getpass import getpass

from pydantic import ValidationError

from app.auth.context import make_auth
from app.auth.models import User
from app.auth.principal import Role
from app.auth.repository import SessionRepository, UserRepository
from app.auth.schemas import UserCreate
from app.auth.users import UserService
from app.core.errors import AppError
from app.core.logging import configure_logging
from app.db.database import Database, open_database
from app.settings import Settings, get_settings

NOBODY = "nobody@example.invalid"
"""The owner of rows that are older than the users: a migration makes this account."""


def main() -> None:
    """Create the admin.

    Raises:
        SystemExit: the address or the password is not valid, or the database is not available.
    """
    settings = get_settings()
    configure_logging(settings.log_level, as_json=settings.in_production)
    data = ask(settings)
    try:
        email = asyncio.run(_run(settings, data))
    except AppError as error:
        raise SystemExit(error.detail) from None
    print(f"{email} is an admin.")  # noqa: T201  # this is a command


def ask(settings: Settings) -> UserCreate:
    """The address and the password, with the checks for all users; `SystemExit` if they fail."""
    email, password = settings.first_admin_email, settings.first_admin_password
    if not (email and password) and not sys.stdin.isatty():
        raise SystemExit("Without a terminal, set FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD.")
    try:
        answers = {
            "email": email or input("E-mail address: "),
            "password": password.get_secret_value() if password else getpass("Password: "),
        }
        return UserCreate.model_validate(answers)
    except (EOFError, KeyboardInterrupt):
        raise SystemExit("\nThere are no answers, so no admin was created.") from None
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        lines = [f"{fault['loc'][0]}: {fault['msg']}" for fault in faults]
        raise SystemExit("\n".join(lines).replace("Value error, ", "")) from None


async def make_admin(settings: Settings, database: Database, data: UserCreate) -> User:
    """Create an admin. An existing user becomes an admin, and keeps the password.

    Rows that are older than the users belong to an inactive account. The admin gets them.
    """
    reads, auth = database.read_session(), make_auth(settings)
    async with database.session() as session:
        users = UserRepository(session)
        known = await users.get_by_email(data.email)
        if known is None:
            admin = await UserService(reads, session, auth).create(data, Role.ADMIN)
        else:
            await SessionRepository(session).end_all(known.id)
            row = await users.get_for_update(known.id)
            admin = await users.update(row, {"role": Role.ADMIN})
        if nobody := await users.get_by_email(NOBODY):
            await users.hand_over(nobody, admin)
        return admin


async def _run(settings: Settings, data: UserCreate) -> str:
    async with open_database(settings) as database:
        return (await make_admin(settings, database, data)).email


if __name__ == "__main__":
    main()
