"""How the HTTP interface is reached."""

import asyncio
import gc
import select
import socket
import weakref

import httpx
import uvicorn

from ltrr.serving.http.api import create_app
from ltrr.serving.http.deadlines import PatientProtocol
from ltrr.serving.http.server import BACKLOG, address, bind, serve
from ltrr.serving.processes.garbage import collect_at_times, short_collections
from tests.serving.shop import Shop


def test_answers_are_sent_at_once():
    """No part of an answer waits until the client has acknowledged the one before."""
    with bind("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname()):
        connection, _ = bound.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_what_has_stayed_is_not_looked_at_again():
    """A collection looks at what came since the last one; where serving has ended, all is as before."""
    callbacks = len(gc.callbacks)
    with short_collections():
        kept: list[list[object]] = [[] for _ in range(20_000)]
        gc.collect(1)
        assert (len(kept), len(gc.get_objects(generation=2))) == (20_000, 0)
    assert len(gc.callbacks) == callbacks


def test_what_refers_to_itself_goes_some_times_a_day():
    """What stayed once, and was let go in a cycle, is let go for good by a collection of all there is."""

    class Knot:
        def __init__(self) -> None:
            self.myself = self

    async def left() -> bool:
        knot = Knot()
        seen = weakref.ref(knot)
        gc.collect(1)
        del knot
        gc.collect()
        assert seen() is not None
        collecting = asyncio.ensure_future(collect_at_times(every_s=0))
        for _ in range(2):
            await asyncio.sleep(0)
        collecting.cancel()
        return seen() is not None

    with short_collections():
        assert not asyncio.run(left())


def test_requests_leave_nothing_that_refers_to_itself(shop: Shop):
    """Whatever is asked, and however connections end, what is let go is gone without a collection."""

    def ask(url: str) -> None:  # by plain sockets: the client's own connections are not to be seen
        with httpx.Client(base_url=url) as client:
            answer = client.post("/v1/search", json={"query": "love night"}).json()
            click = shop.action(answer["query_id"], answer["items"][0]["object_id"])
            assert client.post("/v1/events", json=[click, {}]).status_code == 202
            assert client.post("/v1/search", content=b"{nonsense").status_code == 415
            assert client.post("/v1/events", content=b" " * 2_000_000).status_code == 413
            assert client.get("/nowhere").status_code == 404
            assert client.get("/healthz").status_code == 200

    async def left() -> list[str]:
        with bind("127.0.0.1", 0) as bound:
            config = uvicorn.Config(
                create_app(shop.service, close=False), http=PatientProtocol, log_level="warning", lifespan="off"
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[bound]))
            for _ in range(2):  # the first also loads and opens what stays
                await asyncio.to_thread(ask, address(bound))
                half = socket.create_connection(bound.getsockname())
                half.sendall(b"GET /heal")
                await asyncio.sleep(0.01)
                half.close()
                await asyncio.sleep(0.1)
                gc.collect()
                gc.set_debug(gc.DEBUG_SAVEALL)
            try:
                return sorted({type(one).__name__ for one in gc.garbage if "Transport" in type(one).__name__})
            finally:
                gc.set_debug(0)
                gc.garbage.clear()
                server.should_exit = True
                await serving

    assert asyncio.run(left()) == []


def test_more_connections_wait_than_are_taken_at_once(shop: Shop):
    """Many that come in one moment find room, and a probe among them is not sent away to try again a second later."""
    together = 10 * BACKLOG

    async def room() -> int:
        with bind("127.0.0.1", 0) as bound:
            serving = asyncio.ensure_future(serve(create_app(shop.service, close=False), bound))
            async with httpx.AsyncClient(base_url=address(bound)) as client:
                assert (await client.get("/healthz")).status_code == 200
            clients = []
            for _ in range(together):  # the loop takes none of them meanwhile
                client = socket.socket()
                clients.append(client)
                client.settimeout(0)
                client.connect_ex(bound.getsockname())
            there = len(select.select([], clients, [], 0)[1])
            for client in clients:
                client.close()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            return there

    assert asyncio.run(room()) == together
