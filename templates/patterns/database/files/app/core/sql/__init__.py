"""Storage in a database, statement by statement: SQLAlchemy Core, tables, migrations."""
