"""Whoever walks over all losses: on one page as long as nothing fails, with a plan drawn from a seed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from playwright.sync_api import Page

from lossviz.losses.entry import LossEntry
from tests.browser.visitors import Visitors
from tests.browser.walk import operations
from tests.browser.walk.hand import Hand, defaults, same
from tests.patience import PATIENCE

_SEED, _STEPS = "LOSSVIZ_WALK_SEED", "LOSSVIZ_WALK_STEPS"


@dataclass(frozen=True)
class Way:
    """Which walk is walked.

    Attributes:
        seed: What all its choices are drawn from.
        length: How many operations each loss meets; None for every operation once.
    """

    seed: int
    length: int | None = None

    def plan(self, entry: LossEntry) -> list[str]:
        """The operations for a loss in order: rounds of all that fit it, each round in an order of its own."""
        random, fitting = Random(f"{self.seed} {entry.name}"), operations.fitting(entry)
        length = len(fitting) if self.length is None else self.length
        planned: list[str] = []
        while len(planned) < length:
            planned += random.sample(fitting, len(fitting))
        return planned[:length]


def way_from_environment() -> Way:
    """The walk that LOSSVIZ_WALK_SEED and LOSSVIZ_WALK_STEPS ask for.

    Raises:
        ValueError: If one of them is not a whole number, or the steps are fewer than one.
    """
    seed, steps = _whole_number(_SEED), _whole_number(_STEPS)
    if steps is not None and steps < 1:
        raise ValueError(f"{_STEPS} must be 1 or more, not {steps}")
    return Way(11 if seed is None else seed, steps)


def _whole_number(name: str) -> int | None:
    text = os.environ.get(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {text!r}") from None


class Walker:
    """A visitor whose hand goes from loss to loss as a student's does: by the navigation and the switch."""

    def __init__(self, visitors: Visitors, url: str, seed: int, patience: float = PATIENCE) -> None:
        self._visitors, self._url, self._seed, self._patience = visitors, url, seed, patience
        self._page: Page | None = None

    @contextmanager
    def at(self, entry: LossEntry) -> Iterator[Hand]:
        """The hand on a loss at its defaults. A walk that fails leaves its page to nobody."""
        page, self._page = self._page, None
        if page is None:
            page = self._visitors.open()
            page.goto(f"{self._url}/")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": operations.WIDE, "height": operations.HIGH})
        hand = Hand(page, entry, self._seed, self._patience)
        if f"/{entry.category}" not in page.url:
            hand.did(f"to the page {entry.category}")
            operations.go_to(hand, entry.category)
            hand.rest(lambda state: state.entry.category == entry.category)
        if hand.state.entry is not entry:
            hand.did(f"switch to {entry.title}")
            operations.switch_to(hand, entry)
            hand.rest(lambda state: state.entry is entry)
        if not same(defaults(entry))(hand.state):
            operations.reset(hand)
        yield hand
        hand.leave()
        self._page = page


def walk(hand: Hand, plan: Sequence[str]) -> None:
    """Let the hand do one operation after the other; each rests until everything says the same.

    Raises:
        DisagreementError: If something does not.
    """
    for name in plan:
        operations.OPERATIONS[name].do(hand)
