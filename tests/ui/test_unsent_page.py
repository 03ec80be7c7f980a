"""What is waiting to be sent, as Streamlit's own queue holds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from lossviz.ui.unsent_page import keep_unsent_page


@pytest.fixture(autouse=True)
def as_the_app_has_it() -> Iterator[None]:
    """The queue as it is in the app, and as Streamlit has it afterwards."""
    before = ForwardMsgQueue.clear
    keep_unsent_page()
    yield
    ForwardMsgQueue.clear = before  # type: ignore[method-assign]  # as it was


def drawn(words: str, *place: int, part: str = "") -> ForwardMsg:
    """A text at its place, drawn by the page or by a part of it."""
    message = ForwardMsg()
    message.metadata.delta_path.extend(place)
    message.delta.fragment_id = part
    message.delta.new_element.markdown.body = words
    return message


def known(name: str, *place: int) -> ForwardMsg:
    """What the browser has already, at its place."""
    message = ForwardMsg(ref_hash=name)
    message.metadata.delta_path.extend(place)
    return message


def finished(status: ForwardMsg.ScriptFinishedStatus.ValueType) -> ForwardMsg:
    """The end of a run."""
    return ForwardMsg(script_finished=status)


def queued(*messages: ForwardMsg) -> ForwardMsgQueue:
    queue = ForwardMsgQueue()
    for message in messages:
        queue.enqueue(message)
    return queue


def said(queue: ForwardMsgQueue) -> list[str]:
    """What is sent, in its order."""
    return [message.ref_hash or message.delta.new_element.markdown.body or "end" for message in queue.flush()]


WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
PART = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def test_a_page_that_is_not_sent_yet_is_kept_for_a_part_that_is_drawn_again() -> None:
    queue = queued(
        drawn("title", 0, 0), drawn("old", 0, 1, part="p"), known("chart", 0, 2), drawn("below", 0, 3)
    )
    queue.enqueue(finished(WHOLE))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["p"])
    queue.enqueue(drawn("new", 0, 1, part="p"))
    queue.enqueue(finished(PART))
    assert said(queue) == ["title", "old", "chart", "below", "end", "new", "end"]


def test_a_part_alone_is_sent_as_it_was_drawn_last() -> None:
    queue = queued(drawn("old", 0, 1, part="p"), drawn("another's", 0, 2, part="q"), finished(PART))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["p"])
    queue.enqueue(drawn("new", 0, 1, part="p"))
    assert said(queue) == ["another's", "end", "new"]


def test_a_page_that_is_drawn_anew_takes_the_place_of_the_one_before() -> None:
    queue = queued(drawn("title", 0, 0), drawn("old", 0, 1, part="p"), finished(WHOLE))
    queue.clear(retain_lifecycle_msgs=True)
    assert said(queue) == ["end"]
    queue = queued(drawn("title", 0, 0), finished(WHOLE))
    queue.clear()
    assert queue.is_empty()


def test_doing_it_twice_changes_nothing() -> None:
    once = ForwardMsgQueue.clear
    keep_unsent_page()
    assert ForwardMsgQueue.clear is once
