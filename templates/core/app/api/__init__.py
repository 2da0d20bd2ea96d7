"""HTTP: routes and their dependencies. Business logic is in the services."""
