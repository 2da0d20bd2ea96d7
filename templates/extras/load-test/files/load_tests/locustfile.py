"""The behaviour of users. The name of a request is its route, as in `budget.toml`."""

from gevent import get_hub
from locust import HttpUser, constant_throughput, events, task

from load_tests.session import sign_in

ITEM = {"name": "Lamp", "price": "12.50"}


@events.init.add_listener
def count_from_now(**_: object) -> None:
    """Do not count the time that imports took as a part of `seconds`, as gevent's clock does."""
    get_hub().loop.update_now()


class Customer(HttpUser):
    wait_time = constant_throughput(5)  # requests in a second, for each user

    def on_start(self) -> None:
        """Sign in where that is needed, and make an item to read."""
        sign_in(self.client)
        self.item_id = self.client.post("/api/v1/items", json=ITEM).json()["id"]

    @task(2)
    def check_health(self) -> None:
        self.client.get("/health")

    @task(4)
    def read_items(self) -> None:
        self.client.get("/api/v1/items?size=20", name="/api/v1/items")

    @task(4)
    def read_item(self) -> None:
        self.client.get(f"/api/v1/items/{self.item_id}", name="/api/v1/items/{item_id}")

    @task(1)
    def create_item(self) -> None:
        self.client.post("/api/v1/items", json=ITEM)
