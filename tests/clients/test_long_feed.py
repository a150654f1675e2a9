"""5,000 episodes, page after page, in every parser."""

import re

import pytest
from django.test import Client

from tests.clients.parsers import PARSERS, PARTYTIME, is_well_formed
from tests.feeds.material import many
from tests.podcast.conftest import body, path_of
from viddlws.accounts.models import User
from viddlws.feeds import services

SIZE = 5000
_NEXT = re.compile(r'<atom:link rel="next"[^>]*/([\w.-]+)"/>')


@pytest.fixture
def pages(alice: User) -> list[bytes]:
    """Found as an app finds them, by the links of RFC 5005."""
    many(alice, SIZE)
    feed = services.subscribe(alice, tag="music")
    found, name = [], "feed.xml"
    while name:
        found.append(body(Client().get(path_of(feed, name))))
        following = _NEXT.search(found[-1].decode())
        name = following[1] if following else ""
    return found


def test_every_parser_reads_all_of_them_in_order(pages: list[bytes]) -> None:
    wanted = [f"Episode {number}" for number in range(SIZE)]
    assert len(pages) == SIZE // 1000
    assert all(map(is_well_formed, pages))
    read_by = {name for name in PARSERS if name != "partytime" or PARTYTIME.is_dir()}
    for name in read_by:
        episodes = [episode for page in pages for episode in PARSERS[name](page).episodes]
        assert [episode.title for episode in episodes] == wanted, name
        assert len({episode.guid for episode in episodes}) == SIZE, name
        assert len({episode.url.rpartition("/")[2] for episode in episodes}) == SIZE, name
