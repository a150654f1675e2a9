"""The link a person gives is judged before anything else happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from viddlws.engine.guard.addresses import PRIVATE_ADDRESS
from viddlws.engine.guard.links import LONGEST, LinkRefused, check


@pytest.mark.parametrize(
    ("given_text", "normal"),
    [
        ("https://example.com", "https://example.com/"),
        ("  HTTPS://Example.COM:443/A?b=C#d \n", "https://example.com/A?b=C#d"),
        ("http://example.com:80/x", "http://example.com/x"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("https://exämple.com/ä?q=ü", "https://xn--exmple-cua.com/%C3%A4?q=%C3%BC"),
        ("https://example.com./x", "https://example.com/x"),
        ("https://example.com/a%20b?x=%2F", "https://example.com/a%20b?x=%2F"),
        ("https://my_site.example.com/", "https://my_site.example.com/"),
        ("http://[2606:4700:0::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://example.com?v=1", "https://example.com/?v=1"),
        ("https://example.com/watch?v=a|b", "https://example.com/watch?v=a%7Cb"),
    ],
)
def test_a_link_is_given_back_in_its_normal_spelling(given_text: str, normal: str) -> None:
    assert check(given_text) == normal
    assert check(normal) == normal


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.1",
        "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.0.0.1",
        "127\u30020\u30020\u30021",
        "localhost",
        "LocalHost.",
        "deep.localhost",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
    ],
)
def test_a_private_address_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        check(f"http://{host}/video")
    assert refused.value.message == PRIVATE_ADDRESS


def test_an_allowed_network_is_not_refused() -> None:
    allowed = ("127.0.0.0/8", "fd00::/8")
    assert check("http://127.1:5000/x", allowed) == "http://127.1:5000/x"
    assert check("http://localhost:5000/x", allowed) == "http://localhost:5000/x"
    assert check("http://[::ffff:127.0.0.1]/", allowed) == "http://127.0.0.1/"
    with pytest.raises(LinkRefused):
        check("http://10.0.0.1/", allowed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hello",
        "example.com/video",
        "ytsearch:cats",
        "ytsearch10:https://example.com",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "javascript:alert(1)//://",
        "http:example.com",
        "http:///path",
        "http://:80/",
        "https://",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://user@example.com/",
        "http://user:password@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://exa%6dple.com/",
        "http://a..b/",
        "http://-.com/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://example.com/a b",
        "http://example.com/a\x00b",
        "http://example.com/\x1b[31m",
        "http://example.com/\u202egpj",
        "http://example.com/\nHost: internal",
        "http://example.com/#__youtubedl_smuggle=%7B%22a%22%3A1%7D",
        "http://" + "a" * 64 + ".com/",
        "http://example.com/" + "a" * LONGEST,
    ],
)
def test_what_is_no_plain_web_link_is_refused_with_advice(text: str) -> None:
    with pytest.raises(LinkRefused) as refused:
        check(text)
    assert refused.value.message.endswith(".")
    assert refused.value.advice.endswith(".")


@given(some.text(max_size=60).map(lambda text: f"http://{text}"))
def test_any_text_is_either_refused_or_normal(text: str) -> None:
    try:
        normal = check(text)
    except LinkRefused:
        return
    assert normal.isascii()
    assert check(normal) == normal
