"""Sign-in of a user."""

from locust.clients import HttpSession


def sign_in(client: HttpSession) -> None:
    """Nothing to do: every route is public."""
