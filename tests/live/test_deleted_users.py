"""A user whose rows shared rows refer to: the refusal says what to do, and then it works."""

from pathlib import Path

from tests.environment import Environment
from tests.live.server import CLIENT, serve
from tests.support import fastgen, generate

ACCOUNT = {"email": "ann@example.com", "password": "a tall ship at dawn"}


def test_shared_rows_that_refer_to_rows_of_the_user(
    environment: Environment, tmp_path: Path
) -> None:
    project = generate(tmp_path, patterns=("database", "auth"))
    added = fastgen(
        *("add", "router", "orders", "--field", "item:ref(items)", "--not-owned", "--yes"),
        cwd=project,
    )
    assert added.code == 0, added.err
    environment.migrate(project)
    with serve(project, environment) as server:
        api = f"{server.url}/api/v1"
        CLIENT.post(f"{api}/auth/register", json=ACCOUNT)
        form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
        token = CLIENT.post(f"{api}/auth/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        item = CLIENT.post(f"{api}/items", json={"name": "Lamp", "price": "1"}, headers=headers)
        order = CLIENT.post(f"{api}/orders", json={"item_id": item.json()["id"]}, headers=headers)
        refused = CLIENT.delete(f"{api}/users/me", headers=headers)
        CLIENT.delete(f"{api}/orders/{order.json()['id']}", headers=headers)
        deleted = CLIENT.delete(f"{api}/users/me", headers=headers)

    assert (refused.status_code, deleted.status_code) == (409, 204)
    detail = "Delete shared rows that refer to rows of this user first."
    assert refused.json()["detail"] == detail
