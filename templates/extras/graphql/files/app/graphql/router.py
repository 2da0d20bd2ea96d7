"""GraphQL over HTTP, and GraphiQL where the documentation is enabled."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse
from strawberry.http.ides import get_graphql_ide_html

from app.graphql.context import ContextDep
from app.graphql.payloads import GraphQLRequest, GraphQLResponse
from app.graphql.schema import execute
from app.middleware.security_headers import DOCS_POLICY

router = APIRouter(tags=["graphql"])


@router.post("/graphql", response_model_exclude_unset=True)
async def run_graphql(request: GraphQLRequest, context: ContextDep) -> GraphQLResponse:
    return await execute(request, context)


async def read_graphiql(request: Request) -> HTMLResponse:
    """The page GraphiQL, to try queries from a browser."""
    if not request.state["settings"].docs_enabled:
        raise HTTPException(404)
    return HTMLResponse(
        get_graphql_ide_html(), headers={"Content-Security-Policy": DOCS_POLICY.decode()}
    )


router.add_route("/graphql", read_graphiql, include_in_schema=False)
