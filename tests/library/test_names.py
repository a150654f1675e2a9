"""Any text becomes a name that every file system takes."""

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from viddlws.library import names

NASTY = st.text() | st.text(alphabet='.-~ _<>:"/\\|?*\0\n\t\u202e\u200b\u200dCONPRAUXLT1²é\u0301🎈', max_size=300)
DEVICE = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])[ ]*(\.|$)", re.IGNORECASE)


@given(NASTY)
@example("CON")
@example("com1 .txt")
@example("nul.tar.gz")
@example("COM\u00b9")
@example("..")
@example("")
@example("\u202egpj.exe")
@example("-rf")
@example("a" * 179 + "é")
def test_any_text_is_one_safe_component(text: str) -> None:
    name = names.component(text)
    assert name
    assert len(name.encode()) <= names.LONGEST
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
    assert name[0] not in " .-~"
    assert name[-1] not in " ."
    assert not DEVICE.match(name)
    assert unicodedata.is_normalized("NFC", name)
    assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in name)


@given(NASTY)
def test_a_safe_name_is_left_as_it_is(text: str) -> None:
    name = names.component(text)
    assert names.component(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Was ist los?", "Was ist los"),
        ("AC/DC: Live", "AC-DC- Live"),
        ('The "best" <of> 50 %', "The 'best' (of) 50 %"),
        ("Cafe\u0301", "Café"),
        ("a\u200bb\u202ec", "abc"),
        ("line\r\nbreak", "line break"),
        ("...hidden", "hidden"),
        ("aux", "_aux"),
        ("Aux Champs-Élysées", "Aux Champs-Élysées"),
        ("🎈 party #1", "🎈 party #1"),
    ],
)
def test_names_stay_readable(text: str, name: str) -> None:
    assert names.component(text) == name


@pytest.mark.parametrize("pair", [("STRASSE", "straße"), ("Café", "cafe\u0301"), ("A", "a"), ("\u01c4", "\u01c6")])
def test_what_some_file_system_confuses_has_one_key(pair: tuple[str, str]) -> None:
    assert names.key(pair[0]) == names.key(pair[1])


@given(NASTY, st.booleans())
def test_a_download_gets_its_name_from_a_clean_header(text: str, attachment: bool) -> None:
    header = names.content_disposition(text, attachment=attachment)
    assert re.fullmatch(r"[\x20-\x7e]+", header)
    kind, _, rest = header.partition(";")
    assert kind == ("attachment" if attachment else "inline")
    match = re.fullmatch(r' filename="([^"\\%]+)"(?:; filename\*=UTF-8\'\'([A-Za-z0-9!#$&+.^_`|~%-]+))?', rest)
    if not text:
        assert not rest
        return
    assert match
    assert (unquote(match[2]) if match[2] else match[1]) == names.component(text, longest=255)


def test_a_known_header() -> None:
    header = names.content_disposition("Ärger 100 % 🎈.mp4", attachment=True)
    assert header == (
        "attachment; filename=\"Arger 100 _ .mp4\"; filename*=UTF-8''%C3%84rger%20100%20%25%20%F0%9F%8E%88.mp4"
    )
