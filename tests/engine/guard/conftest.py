"""A proxy that may reach 127.0.0.2, an open site there, and a secret on 127.0.0.1 that counts who comes."""

from collections.abc import Iterator

import pytest

from tests.engine.guard.servers import OPEN_HOST, SECRET_HOST, SECRET_WORDS, CountingServer, send, serving
from viddlws.engine.guard.proxy import GuardProxy


@pytest.fixture
def open_site() -> Iterator[CountingServer]:
    with serving(OPEN_HOST) as server:
        yield server


@pytest.fixture
def secret() -> Iterator[CountingServer]:
    """The test fails when anything at all has connected to it."""
    with serving(SECRET_HOST) as server:
        server.pages["/"] = lambda handler: send(handler, SECRET_WORDS)
        yield server
        assert server.connections == 0, f"The guard let through: {server.requests}"


@pytest.fixture
def proxy() -> Iterator[GuardProxy]:
    guard = GuardProxy((f"{OPEN_HOST}/32",))
    guard.start()
    yield guard
    guard.close()


@pytest.fixture
def job(proxy: GuardProxy) -> str:
    """The proxy address of an open job, "job-1"."""
    return proxy.open_job("job-1")
