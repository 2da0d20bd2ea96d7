"""What happens to feedback."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from anyio.to_thread import run_sync

from app.core.logging import get_logger
from app.schemas.feedback import FeedbackForm, FeedbackReceipt, Topic

logger = get_logger(__name__)


class FeedbackService:
    """Receives feedback, and keeps a record of it in the log."""

    async def receive(
        self, form: FeedbackForm, topics: Sequence[Topic], language: str
    ) -> FeedbackReceipt:
        # Judging a text takes a processor; threads keep it out of the way of other requests.
        shouting = await run_sync(share_of_capitals, form.message)
        return FeedbackReceipt(
            id=uuid4(),
            received_at=datetime.now(UTC),
            topics=list(topics),
            language=language,
            rating=form.rating,
            shouting=shouting,
            email=form.email,
        )

    async def record(
        self, receipt: FeedbackReceipt, user_agent: str | None, campaign: str | None
    ) -> None:
        """Runs after the answer, and is lost if the process dies before: fine for a record."""
        logger.info(
            "feedback_received",
            id=str(receipt.id),
            rating=receipt.rating,
            user_agent=user_agent,
            campaign=campaign,
        )


def share_of_capitals(text: str) -> float:
    """How much of the text is in capitals: from 0 to 1."""
    letters = [character for character in text if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return round(capitals / len(letters), 2) if letters else 0.0
