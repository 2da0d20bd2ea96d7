"""The resources of version 1, one line each."""

from fastapi import APIRouter

router = APIRouter()
