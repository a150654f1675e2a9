"""Text from strangers as XML: any text goes in, well-formed XML that means the same comes out. Pure."""

import re

LONGEST_NOTES = 4000  # bytes of UTF-8; Apple's limit for descriptions

# What XML 1.0 section 2.2 does not allow: one such character takes a whole feed down in every reader.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile(r"[^ !#-%'-;=?-~]")  # all but printable ASCII, and what means something in XML
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_END = "</p>"


def scrub(text: str) -> str:
    """Without the characters XML cannot hold: controls, halves of surrogate pairs, U+FFFE and U+FFFF."""
    return text if text.isascii() and text.isprintable() else _NOT_XML.sub("", text)


def escape(text: str) -> str:
    """As the content of an element or a quoted attribute; line ends and tabs survive both."""
    if not _ESCAPED.search(text):
        return text
    text = scrub(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


def one_line(text: str, fallback: str = "") -> str:
    """A title: never empty where there is a fallback (one empty title ends the feed in AntennaPod), in one line, and
    with ‹ › for < >, because AntennaPod reads titles as HTML."""
    return " ".join(scrub(text).replace("<", "‹").replace(">", "›").split()) or fallback


def cdata(text: str) -> str:
    """As a CDATA section; a `]]>` in the text is split over two. Line ends become XML's own."""
    clean = scrub(text).replace("\r\n", "\n").replace("\r", "\n")
    return "<![CDATA[" + clean.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def notes(text: str, limit: int = LONGEST_NOTES) -> str:
    """Plain text as HTML: paragraphs and line breaks, at most `limit` bytes of UTF-8."""
    text = scrub(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        return ""
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if "\n" in html:
        html = _BLANK_LINES.sub("</p><p>", html).replace("\n", "<br>")
    return shortened(f"<p>{html}{_END}", limit)


def shortened(html: str, limit: int) -> str:
    """HTML of `notes` in at most `limit` bytes: cut between characters, never within a tag or an entity."""
    raw = html.encode()
    if len(raw) <= limit:
        return html
    kept = raw[: max(0, limit - len(_END))].decode(errors="ignore")
    tag, entity = kept.rfind("<"), kept.rfind("&")
    if tag > kept.rfind(">"):
        kept = kept[:tag]
    elif entity > kept.rfind(";"):
        kept = kept[:entity]
    kept = kept.removesuffix("<p>")
    return kept if not kept or kept.endswith(_END) else kept + _END


def cut(text: str, limit: int = LONGEST_NOTES) -> str:
    """The beginning of plain text in at most `limit` bytes of UTF-8, cut between characters."""
    return scrub(text).encode()[:limit].decode(errors="ignore")
