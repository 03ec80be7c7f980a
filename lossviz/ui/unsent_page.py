"""What a page has drawn and a busy server has not sent yet stays, when a part of it is run again alone.

A fragment that is run right after the whole page makes Streamlit 1.67 throw away what the page has drawn of that part
and not sent, and keep what it only refers to because the browser has it already (`ForwardMsgQueue.clear`). The browser
is then told that the page is finished: it takes the part away, all that stands below moves up by a place, and what is
drawn next lands on a neighbour, or in a place that is not there, which ends the page with an error.
"""

from __future__ import annotations

import functools
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


def keep_unsent_page() -> None:
    """Let Streamlit throw nothing of a whole page away for a part of it; calling it twice does no harm.

    What a part itself has drawn and not sent is still thrown away when it is drawn anew: a slow browser gets the last
    picture of a run, not all of them.
    """
    try:
        from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
    except ImportError:  # a Streamlit that has changed there is left as it is, and a test says so
        return
    clear = ForwardMsgQueue.clear
    if hasattr(clear, "__wrapped__"):
        return

    @functools.wraps(clear)
    def clear_parts_only(queue: ForwardMsgQueue, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Streamlit's
        if kwargs.get("fragment_ids_this_run") and any(map(_ends_a_page, queue._queue)):
            kwargs["fragment_ids_this_run"] = []
        clear(queue, *args, **kwargs)

    ForwardMsgQueue.clear = clear_parts_only  # type: ignore[assignment, method-assign]  # there is no other way to it


def _ends_a_page(message: ForwardMsg) -> bool:
    """Whether a message says that the whole page has been run; it comes after all that the page has drawn."""
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    )
