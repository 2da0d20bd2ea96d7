"""The routes: the page and what it asks for, and the addresses for scripts."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from fastgen.project import patterns
from fastgen.web.commands import commands
from fastgen.web.comparison import difference, with_and_without
from fastgen.web.offer import offer
from fastgen.web.project_choice import Choice, read_choice
from fastgen.web.project_zip import packed
from fastgen.web.render_pool import Renders

ASSETS = Path(__file__).parent / "assets"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

router = APIRouter()
get = partial(router.api_route, methods=["GET", "HEAD"])


async def get_renders(request: Request) -> Renders:
    """The renderer of this application's projects."""
    renders: Renders = request.app.state.renders
    return renders


RendersDep = Annotated[Renders, Depends(get_renders)]


async def get_choice(request: Request, renders: RendersDep) -> Choice:
    """The choice in the query; any other parameter is a fault."""
    read = partial(read_choice, request.scope["query_string"])
    return (await renders.in_thread(read))[0]


ChoiceDep = Annotated[Choice, Depends(get_choice)]


@get("/")
async def show_page(request: Request) -> Response:
    """The page."""
    return _asset(request, "index.html")


@get("/assets/{name}")
async def show_asset(request: Request, name: str) -> Response:
    """A file of the page."""
    if name not in {path.name for path in ASSETS.iterdir()}:
        raise HTTPException(404)
    return _asset(request, name)


@get("/health")
async def show_health() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@get("/tree")
async def show_tree(choice: ChoiceDep, renders: RendersDep) -> list[dict[str, Any]]:
    """The files of a project: path, bytes, and the pattern that brings it."""
    project = await renders.project(choice)
    return [
        {"path": path, "bytes": len(file.content), "pattern": file.pattern}
        for path, file in project.files.items()
    ]


@get("/project.zip")
async def download(choice: ChoiceDep, renders: RendersDep) -> Response:
    """The project as a zip with one folder."""
    project, name = await renders.project(choice), choice.answers.name
    content = await renders.in_thread(partial(packed, name, project))
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(content, headers=headers, media_type="application/zip")


@get("/project.toml")
async def describe(choice: ChoiceDep, renders: RendersDep) -> Response:
    """The project as a file for `fastgen new --from`."""
    await renders.project(choice)  # else the command could refuse the file
    headers = {"Content-Disposition": f'attachment; filename="{choice.answers.name}.toml"'}
    return Response(choice.document, headers=headers, media_type="application/toml")


@get("/offer")
async def show_offer() -> dict[str, Any]:
    """The choices in the form of the page."""
    return offer()


@get("/preview")
async def show_preview(choice: ChoiceDep, renders: RendersDep) -> dict[str, Any]:
    """The project as the page shows it."""
    project = await renders.project(choice)
    return {
        "name": choice.answers.name,
        "title": choice.answers.title,
        "description": choice.answers.description,
        "patterns": choice.answers.patterns,
        "notes": patterns.needs_sentences(choice.requested),
        "commands": commands(choice),
        "bytes": project.size,
        "files": [
            {
                "path": path,
                "bytes": len(file.content),
                "pattern": file.pattern,
                "addition": file.addition,
                "checksum": file.checksum,
            }
            for path, file in project.files.items()
        ],
    }


@get("/file")
async def show_file(request: Request, renders: RendersDep) -> PlainTextResponse:
    """The content of one file."""
    read = partial(read_choice, request.scope["query_string"], "path")
    choice, parameters = await renders.in_thread(read)
    project = await renders.project(choice)
    file = project.files.get(parameters.get("path", [""])[0])
    if file is None:
        raise HTTPException(404)
    return PlainTextResponse(file.content)


@get("/difference")
async def show_difference(request: Request, renders: RendersDep) -> dict[str, Any]:
    """The difference that a pattern or an extra makes to a project."""
    read = partial(read_choice, request.scope["query_string"], "part")
    choice, parameters = await renders.in_thread(read)
    part = parameters.get("part", [""])[0]
    with_, without = with_and_without(choice, part)
    new, old = await renders.project(with_), await renders.project(without)
    compare = partial(difference, part, with_, without, new, old)
    return asdict(await renders.in_thread(compare))


def _asset(request: Request, name: str) -> Response:
    path = ASSETS / name
    file = FileResponse(path, media_type=TYPES[path.suffix], stat_result=path.stat())
    # In a list, or with the `W/` of a proxy that compresses.
    if file.headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": file.headers["etag"]})
    return file
