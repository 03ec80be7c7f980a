"""What the app says when something cannot be used: plain text, whatever was put into it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])")
# An address becomes a link even without Markdown, and escaping does not stop it; an unseen joiner does.
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|xmpp|www)(?=[:.])|(?<=\w)(?=@)")
_JOINER = "\u2060"


def plain(text: str) -> str:
    r"""Text that Markdown leaves as it is, so that nothing in a link or a file can format the page or lead away.

    >>> plain("[x](y) :red[b]")
    '\\[x\\]\\(y\\) \\:red\\[b\\]'
    """
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub(lambda found: found[0] + _JOINER, text))


def problems(sentences: Iterable[str], icon: str = ":material/link_off:") -> None:
    """Show what could not be used, one line each, in a single box."""
    lines = [plain(sentence) for sentence in sentences]
    if lines:
        st.warning("  \n".join(lines), icon=icon)
