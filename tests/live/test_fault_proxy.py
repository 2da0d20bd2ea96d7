"""What the proxy does to connections, it does to all of them."""

import gc
import socket
import threading
from contextlib import suppress

import pytest

from tests.live.fault_proxy import FaultProxy


def test_no_connection_is_lost_while_the_proxy_closes() -> None:
    """One that is neither passed on nor closed is a warning, which fails another test later."""
    is_over = threading.Event()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        FaultProxy(*server.getsockname()).running() as proxy,
    ):

        def connect() -> None:
            while not is_over.is_set():
                with suppress(OSError), socket.create_connection(("127.0.0.1", proxy.port), 60):
                    pass

        clients = [threading.Thread(target=connect) for _ in range(4)]
        for client in clients:
            client.start()
        for _ in range(100):
            proxy.refuse()
            proxy.accept()
        is_over.set()
        for client in clients:
            client.join()
    gc.collect()


def test_a_connection_that_is_being_opened_is_cut() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        FaultProxy(*server.getsockname()).running() as proxy,
    ):
        proxy.black_hole()
        with socket.create_connection(("127.0.0.1", proxy.port), 60) as client:
            proxy.cut()
            with suppress(ConnectionResetError):
                assert client.recv(1) == b""


def test_nobody_can_connect_while_it_refuses() -> None:
    with FaultProxy("127.0.0.1", 1).running() as proxy:
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", proxy.port), 60)
