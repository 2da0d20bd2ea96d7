"""Settings of GraphQL."""

from pydantic import Field

from app.core.environment import EnvironmentSettings


class GraphQLSettings(EnvironmentSettings):
    graphql_max_depth: int = Field(default=8, ge=1, le=64)
    graphql_max_cost: int = Field(default=5_000, ge=1)
