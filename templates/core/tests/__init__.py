"""The tests. They ignore `.env` and the settings of the shell.

The prefix `TEST_` sets a setting for the tests: `TEST_DATABASE_URL` runs them on a server.
"""

import os

os.environ["ENVIRONMENT"] = "test"  # before the import: `app.settings` then reads no `.env`

from app.settings import Settings

for variable in [*os.environ]:
    if variable.lower() in Settings.model_fields:
        del os.environ[variable]
for name in map(str.upper, Settings.model_fields):
    if value := os.environ.get(f"TEST_{name}"):
        os.environ[name] = value
os.environ["ENVIRONMENT"] = "test"
os.environ["SECRET_KEY"] = "only-for-tests-0123456789-abcdefghijklmnop"
