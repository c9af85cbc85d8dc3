"""How two spellings are compared: the one rule for headers and for code values.

Nothing here knows a column or a code; `model` uses it to refuse contracts with two meanings of one spelling,
`reading` uses it to find the column of a header and the code of a cell.
"""

from __future__ import annotations

import re
import unicodedata

_BLANK = re.compile(r"[\s_\u00a0\u202f\u2007]+")
_FOLD = str.maketrans("åäöéèüø", "aaoeeuo", "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")  # what is not seen goes


def normal(text: str) -> str:
    """`text` as it is compared: lower case, å ä -> a, ö -> o, blanks and underscores as one space, ends trimmed.

    >>> normal("  Belopp_KR "), normal("MÄN")
    ('belopp kr', 'man')
    """
    return _BLANK.sub(" ", unicodedata.normalize("NFC", text).casefold().translate(_FOLD)).strip()
