"""What the app says when something cannot be used: plain text, whatever was put into it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])")


def plain(text: str) -> str:
    r"""Text that Markdown leaves as it is, so that nothing in a link or a file can format the page.

    >>> plain("[x](http://a) :red[b]")
    '\\[x\\]\\(http\\://a\\) \\:red\\[b\\]'
    """
    return _MARKDOWN.sub(r"\\\1", text)


def problems(sentences: Iterable[str], icon: str = ":material/link_off:") -> None:
    """Show what could not be used, one line each, in a single box."""
    lines = [plain(sentence) for sentence in sentences]
    if lines:
        st.warning("  \n".join(lines), icon=icon)
