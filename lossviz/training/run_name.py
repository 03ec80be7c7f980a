"""The name a student gives a run: plain text of one short line, whatever was typed."""

from __future__ import annotations

import unicodedata

MOST_CHARACTERS = 60
_JOINERS = "\u200c\u200d"  # invisible, but Persian, Hindi and emoji need them
_MOST_MARKS = 4  # on one letter: more is a tower that covers the lines above it


def clean_name(text: str) -> str:
    r"""A name that can be shown in one line.

    Control characters, line ends, characters that turn the direction of writing, halves of characters and towers of
    accents are left out; spaces are gathered; what is too long is cut. Marks of HTML or Markdown stay as they are:
    whoever shows the name shows it as plain text.

    Args:
        text: What was typed.

    Returns:
        At most `MOST_CHARACTERS` characters, possibly none.

    >>> clean_name("  wide\n network\u202e\x00 ")
    'wide network'
    """
    kept: list[str] = []
    marks = 0
    # What is typed may be of any length; only the beginning can be shown.
    for character in unicodedata.normalize("NFC", text[: 50 * MOST_CHARACTERS]):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind.startswith("M") else 0
        if kind.startswith("Z") or character in "\t\r\n":
            kept.append(" ")
        elif (kind.startswith("C") and character not in _JOINERS) or marks > _MOST_MARKS:
            continue
        else:
            kept.append(character)
    return " ".join("".join(kept).split())[:MOST_CHARACTERS].strip()
