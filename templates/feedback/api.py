"""Feedback from a web page: forms, cookies, headers, and a background task."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Cookie, Form, Header, Query, status

from app.schemas.feedback import FeedbackForm, FeedbackReceipt, Topic
from app.services.feedback import receive_feedback, record_feedback

router = APIRouter()

Language = Annotated[str, Cookie(alias="lang", pattern="^[a-z]{2}(-[A-Z]{2})?$")]
Topics = Annotated[list[Topic], Query(alias="topic", max_length=3)]
UserAgent = Annotated[str | None, Header(max_length=300)]
Campaign = Annotated[str | None, Query(deprecated=True, description="Use `topic`.")]


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    form_limits={"max_fields": 10, "max_files": 0, "max_part_size": 4000},
)
async def send_feedback(
    form: Annotated[FeedbackForm, Form()],
    background: BackgroundTasks,
    topics: Topics = [],  # noqa: B006  # FastAPI copies it
    language: Language = "en",
    user_agent: UserAgent = None,
    campaign: Campaign = None,
) -> FeedbackReceipt:
    """A form as browsers send it. The response does not wait for the background task."""
    receipt = await receive_feedback(form, topics, language)
    background.add_task(record_feedback, receipt, user_agent, campaign)
    return receipt


@router.post("/import", status_code=status.HTTP_202_ACCEPTED, deprecated=True)
async def import_feedback(
    language: Annotated[str, Body(pattern="^[a-z]{2}$")],
    forms: Annotated[list[FeedbackForm], Body(min_length=1, max_length=100)],
) -> list[FeedbackReceipt]:
    """Several bodies in one request, for older clients: a language, and its forms."""
    return [await receive_feedback(form, [], language) for form in forms]
