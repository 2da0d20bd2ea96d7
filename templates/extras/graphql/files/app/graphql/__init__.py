"""GraphQL: the resources as queries and mutations, over the same services."""
