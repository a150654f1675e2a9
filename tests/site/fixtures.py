"""Pytest fixtures of the site; `tests/conftest.py` makes them known everywhere."""

from collections.abc import Iterator

import pytest

from tests.site.server import Site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One site for the whole run of a worker. Counts of hits are kept per full address, so add `?t=something-own`."""
    with Site() as running:
        yield running


@pytest.fixture
def fresh_site() -> Iterator[Site]:
    """A site of the test's own, with no hits, no gates and no versions yet."""
    with Site() as running:
        yield running
