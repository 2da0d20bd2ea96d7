"""Who writes the text: the one place to put another model."""

from typing import Annotated

from fastapi import Depends

from app.services.completion import Parrot, TextModel


async def get_text_model() -> TextModel:
    return Parrot()


TextModelDep = Annotated[TextModel, Depends(get_text_model)]
