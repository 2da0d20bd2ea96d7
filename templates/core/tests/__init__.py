"""The tests. They run in an environment of their own, whatever a developer has in `.env`."""

import os

os.environ["ENVIRONMENT"] = "test"
os.environ["SECRET_KEY"] = "only-for-tests-0123456789-abcdefghijklmnop"
