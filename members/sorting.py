"""Names in German order (DIN 5007-2, the phone book's), never by database collation."""

import unicodedata

LONGEST = 210  # as the column; folding can lengthen a name
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "ł": "l"}
)


def fold(text: str) -> str:
    """Return `text` in lower case without marks, as it is sorted and searched."""
    lowered = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def sort_name(family_name: str, given_name: str) -> str:
    """Return the key that puts a person where a reader looks for them."""
    return f"{fold(family_name)}, {fold(given_name)}"[:LONGEST]
