"""Reading a feed's XML."""

from typing import Any

SPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


def items_of(root: Any) -> list[Any]:
    return list(root.findall("channel/item"))


def text_of(element: Any, path: str) -> str:
    found = element.find(path, SPACES)
    return "" if found is None else found.text or ""


def links(root: Any) -> dict[str, str]:
    """Addresses of the channel's atom links by relation."""
    return {each.get("rel", ""): each.get("href", "") for each in root.findall("channel/atom:link", SPACES)}


def attribute(element: Any, path: str, name: str) -> str:
    found = element.find(path, SPACES)
    assert found is not None, path
    return str(found.get(name, ""))
