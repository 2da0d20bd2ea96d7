"""Mail to users. Replace the body of `send_password_reset` with a call of your mail service."""

from app.core.logging import get_logger
from app.settings import Settings

logger = get_logger("auth.mail")


async def send_password_reset(settings: Settings, email: str, token: str) -> None:
    """Send the token, best as a link to your page that asks for the new password.

    Until you replace it, the token is logged, but never in production.
    """
    if settings.in_production:
        logger.error("mail_not_sent", hint="write `send_password_reset` in app/auth/mail.py")
    else:
        logger.info("password_reset", to=email, code=token)
