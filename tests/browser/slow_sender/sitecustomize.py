"""Lets a Streamlit server gather what it says for a second before it sends it, as one that has no time to send does.

Python imports it at its start where this folder is on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import time
from weakref import WeakKeyDictionary

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

SECONDS = 1.2
_flush = AppSession.flush_browser_queue
_sent: WeakKeyDictionary[AppSession, float] = WeakKeyDictionary()
_waiting: WeakKeyDictionary[AppSession, asyncio.TimerHandle] = WeakKeyDictionary()


def _flush_late(session: AppSession) -> list[ForwardMsg]:
    """What is to be sent: nothing while the last time is less than a second ago."""
    left = _sent.get(session, 0.0) + SECONDS - time.monotonic()
    if left <= 0:
        _sent[session] = time.monotonic()
        print("sends late", flush=True)  # noqa: T201 - the test looks for it
        return _flush(session)
    asked = _waiting.get(session)
    if asked is None or asked.when() <= asyncio.get_running_loop().time():
        ask_again = session._message_enqueued_callback
        if ask_again is not None:
            _waiting[session] = asyncio.get_running_loop().call_later(left, ask_again)
    return []


AppSession.flush_browser_queue = _flush_late  # type: ignore[assignment, method-assign]  # that is the point
