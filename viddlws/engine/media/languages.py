"""Language tags as MP4 wants them: the three letters of ISO 639-2/T."""

_PAIRS = """
af afr am amh ar ara az aze be bel bg bul bn ben bs bos ca cat cs ces cy cym da dan de deu el ell en eng eo epo es spa
et est eu eus fa fas fi fin fil fil fr fra ga gle gl glg gu guj he heb iw heb hi hin hr hrv hu hun hy hye id ind in ind
is isl it ita ja jpn ka kat kk kaz km khm kn kan ko kor ky kir la lat lo lao lt lit lv lav mk mkd ml mal mn mon mr mar
ms msa my mya nb nob ne nep nl nld nn nno no nor pa pan pl pol ps pus pt por ro ron ru rus si sin sk slk sl slv so som
sq sqi sr srp sv swe sw swa ta tam te tel th tha tl tgl tr tur uk ukr ur urd uz uzb vi vie zh zho zu zul
"""
_CODES = _PAIRS.split()
_LONG = dict(zip(_CODES[::2], _CODES[1::2], strict=True))


def three_letters(tag: str) -> str:
    """`en-US` gives `eng`; `und` (undetermined) for a language not in the list."""
    language = tag.partition("-")[0].lower()
    return language if language in _LONG.values() else _LONG.get(language, "und")
