"""Who a run belongs to: the browser that started it, so that a reload or another tab can still stop it."""

from __future__ import annotations

import hashlib
import secrets

import streamlit as st

_COOKIE = "_streamlit_xsrf"


def owner() -> str:
    """A name for this browser that nobody else can guess.

    It comes from the secret that Streamlit keeps in a cookie of the browser against forged requests. Where
    there is no such cookie, every session is an owner of its own.
    """
    secret = _secret(st.context.cookies.get(_COOKIE, ""))
    return hashlib.sha256(b"lossviz owner" + secret).hexdigest() if secret else secrets.token_urlsafe(16)


def _secret(cookie: str) -> bytes:
    """The secret in the cookie `2|mask|masked secret|time`, whose mask is another at every answer; else nothing.

    >>> _secret("2|01010101|00030201|1700000000").hex(), _secret("rubbish"), _secret("2|zz|00|1")
    ('01020300', b'', b'')
    """
    try:
        version, mask, masked, _ = cookie.split("|")
        key, hidden = bytes.fromhex(mask), bytes.fromhex(masked)
    except ValueError:
        return b""
    if version != "2" or not key:
        return b""
    return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(hidden))
