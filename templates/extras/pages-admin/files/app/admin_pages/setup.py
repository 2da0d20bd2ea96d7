"""Adds the pages to the application, at `/admin`."""

from types import new_class
from typing import Any

from fastapi import FastAPI
from sqladmin import Admin, ModelView
from sqlalchemy import String
from starlette.requests import Request
from starlette.responses import RedirectResponse

from app.admin_pages.requests import RequestSessions
from app.admin_pages.sign_in import AdminSignIn
from app.auth.models import User
from app.db.base import Base, load_models

PATH = "/admin"
RESOURCES = "app.models."


class ReadOnlyView(ModelView):
    """Lists and searches rows. Forms would pass by the services, and so by their rules."""

    can_create = False
    can_edit = False
    can_delete = False
    can_import = False
    can_export = False  # its CSV does not escape formulas
    column_default_sort = [("id", True)]
    page_size_options = [20, 50, 100]
    page_size = 20


class UserView(ReadOnlyView, model=User):
    column_list = ["id", "email", "full_name", "role", "is_active", "created_at"]
    column_details_list = column_list
    column_searchable_list = ["email"]
    column_sortable_list = ["id", "email", "created_at"]


async def open_first_page(request: Request) -> RedirectResponse:
    """The pages are below `/admin/`."""
    return RedirectResponse(request.url_for("admin:index"))


def add_admin_pages(app: FastAPI) -> None:
    """Add a view for users, and one for each model of `app/models`."""
    app.add_route(PATH, open_first_page, include_in_schema=False)
    admin = Admin(
        app,
        session_maker=RequestSessions(),  # type: ignore[arg-type]  # it makes sessions too
        base_url=PATH,
        title=app.title,
        authentication_backend=AdminSignIn(),
    )
    admin.add_view(UserView)
    load_models()
    models = {mapper.class_ for mapper in Base.registry.mappers}
    for model in sorted(models, key=lambda each: each.__name__):
        if model.__module__.startswith(RESOURCES):
            admin.add_view(_view_of(model))


def _view_of(model: type[Base]) -> type[ModelView]:
    columns = model.__table__.columns
    names = [column.name for column in columns]
    texts = [column.name for column in columns if isinstance(column.type, String)]
    values: dict[str, Any] = {
        "column_list": names,
        "column_details_list": names,
        "column_sortable_list": names,
        "column_searchable_list": texts,
    }
    name = f"{model.__name__}View"
    return new_class(name, (ReadOnlyView,), {"model": model}, lambda body: body.update(values))
