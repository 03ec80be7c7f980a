"""A value is computed once, whoever asks for it and however many at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lossviz.losses.computed_once import computed_once
from tests.patience import PATIENCE


def test_many_ask_at_the_same_time_and_one_computes() -> None:
    computing, go_on, asking = threading.Event(), threading.Event(), threading.Semaphore(0)
    computed: list[str] = []

    @computed_once()
    def slow(key: str) -> object:
        computed.append(key)
        computing.set()
        assert go_on.wait(PATIENCE)
        return object()

    def ask() -> object:
        asking.release()
        return slow("a")

    with ThreadPoolExecutor(9) as each:
        first = each.submit(slow, "a")
        assert computing.wait(PATIENCE)
        others = [each.submit(ask) for _ in range(8)]
        for _ in others:
            assert asking.acquire(timeout=PATIENCE)
        go_on.set()
    assert computed == ["a"]
    assert {other.result() for other in others} == {first.result()}


def test_nobody_waits_for_another_value() -> None:
    computing, go_on = threading.Event(), threading.Event()

    @computed_once()
    def doubled(number: int) -> int:
        if number == 1:
            computing.set()
            assert go_on.wait(PATIENCE)
        return 2 * number

    with ThreadPoolExecutor(1) as other:
        slow = other.submit(doubled, 1)
        assert computing.wait(PATIENCE)
        assert doubled(2) == 4
        go_on.set()
        assert slow.result(PATIENCE) == 2


def test_a_failure_is_not_kept_and_the_next_who_waits_tries_again() -> None:
    computing, go_on = threading.Event(), threading.Event()
    tries: list[int] = []

    @computed_once()
    def fragile() -> str:
        tries.append(len(tries))
        computing.set()
        assert go_on.wait(PATIENCE)
        if len(tries) == 1:
            raise ValueError("the first time")
        return "well"

    with ThreadPoolExecutor(2) as each:
        first = each.submit(fragile)
        assert computing.wait(PATIENCE)
        second = each.submit(fragile)
        go_on.set()
        with pytest.raises(ValueError, match="the first time"):
            first.result(PATIENCE)
        assert second.result(PATIENCE) == "well"
    assert fragile() == "well"
    assert len(tries) == 2


def test_the_values_last_asked_for_are_kept() -> None:
    computed: list[int] = []

    @computed_once(maxsize=2)
    def noted(number: int, *, sign: int = 1) -> int:
        computed.append(number)
        return sign * number

    assert [noted(1), noted(2), noted(1), noted(3), noted(1), noted(2)] == [1, 2, 1, 3, 1, 2]
    assert computed == [1, 2, 3, 2]
    assert noted(2, sign=-1) == -2
