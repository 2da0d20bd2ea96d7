"""Feedback business logic."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from app.core.logging import get_logger
from app.schemas.feedback import FeedbackForm, FeedbackReceipt, Topic

logger = get_logger(__name__)


async def receive_feedback(
    form: FeedbackForm, topics: Sequence[Topic], language: str
) -> FeedbackReceipt:
    return FeedbackReceipt(
        id=uuid4(),
        received_at=datetime.now(UTC),
        topics=list(topics),
        language=language,
        rating=form.rating,
        email=form.email,
    )


async def record_feedback(
    receipt: FeedbackReceipt, user_agent: str | None, campaign: str | None
) -> None:
    """Runs after the response. It is lost if the process is killed before."""
    logger.info(
        "feedback_received",
        id=str(receipt.id),
        rating=receipt.rating,
        user_agent=user_agent,
        campaign=campaign,
    )
