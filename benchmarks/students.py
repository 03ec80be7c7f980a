"""Students without browsers: sessions over Streamlit's agent API that press what a class presses."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from lossviz.losses.catalogue import CATEGORIES
from tests.live_server import LiveServer, elements

TRAIN_KEY = "training/train"
SECTIONS = ("Batch", "Edges", "Where it comes from")
"""What can be opened below a panel."""


@dataclass
class Answers:
    """How long a class has waited for its answers.

    Attributes:
        seconds: For each answer, when it came (`time.monotonic`) and how long it took.
        errors: What went wrong.
    """

    seconds: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def since(self, begin: float) -> list[float]:
        """The waits for the answers that came after a time, shortest first."""
        return sorted(taken for at, taken in self.seconds if at >= begin)


class Visitor:
    """One session that asks and waits for the answer.

    Args:
        server: The server.
        answers: Where its waits are noted.
    """

    def __init__(self, server: LiveServer, answers: Answers) -> None:
        self._server, self._answers = server, answers
        self.seen: dict[str, Any] = {}

    def ask(self, **request: Any) -> bool:  # noqa: ANN401 - JSON, as the API takes it
        """Do something and wait for its answer.

        Returns:
            Whether the page answered without an error.
        """
        if self.seen:
            request["session_id"] = self.seen["session_id"]
        begin = time.monotonic()
        try:
            answer = self._server.interact(**request)
            while answer["status"] not in ("ready", "error"):  # still at work: wait for the same answer
                answer = self._server.interact(session_id=answer["session_id"])
        except (OSError, HTTPException, ValueError) as error:  # no connection, half an answer, no JSON
            self._answers.errors.append(f"{request}: {error}")
            return False
        end = time.monotonic()
        self._answers.seconds.append((end, end - begin))
        if answer["status"] == "error":
            self._answers.errors.append(f"{request}: {answer}"[:500])
            return False
        self.seen = answer
        return True


class Student(Visitor):
    """A student on a panel: presses presets, switches the loss, opens sections and other pages.

    Args:
        server: The server.
        answers: Where the waits are noted.
        number: Which student of the class; it decides what is pressed.
    """

    def __init__(self, server: LiveServer, answers: Answers, number: int) -> None:
        super().__init__(server, answers)
        self.dice = random.Random(number)  # noqa: S311 - a class needs no cryptography
        self._first = list(CATEGORIES)[number % len(CATEGORIES)]

    def open(self) -> bool:
        """Open the first page."""
        return self.ask(page=self._first)

    def press(self) -> bool:
        """Do one thing of those that a class does; open the first page if that has failed so far."""
        if not self.seen:
            return self.open()
        tree, act = self.seen["tree"], self.dice.random()
        presets = [b["key"] for b in elements(tree, "button") if str(b.get("key", "")).startswith("preset/")]
        losses = [c for c in elements(tree, "segmented_control") if str(c.get("key", "")).startswith("loss/")]
        if act < 0.4 and presets:
            return self.ask(trigger={"key": self.dice.choice(presets)})
        if act < 0.65 and losses:
            return self.ask(widget_state={losses[0]["key"]: self.dice.choice(losses[0]["props"]["options"])})
        if act < 0.9:
            return self.ask(widget_state={"section": self.dice.choice(SECTIONS)})
        return self.ask(page=self.dice.choice(list(CATEGORIES)))


class Mover(Visitor):
    """Somebody on the minimal page, who moves its slider."""

    def __init__(self, server: LiveServer, answers: Answers, number: int) -> None:
        super().__init__(server, answers)
        self.dice = random.Random(number)  # noqa: S311 - as above

    def open(self) -> bool:
        """Open the page."""
        return self.ask()

    def press(self) -> bool:
        """Move the slider."""
        return self.ask(widget_state={"x": self.dice.randint(0, 100)})


class Trainer(Visitor):
    """Somebody who trains with the training page's own settings, run after run."""

    def open(self) -> bool:
        """Open the training page."""
        return self.ask(page="training")

    def train(self, until: float) -> None:
        """Press Train again and again, and look at the run every three seconds.

        Args:
            until: When to leave (`time.monotonic`).
        """
        while time.monotonic() < until:
            if not self.seen and not self.open():
                time.sleep(3.0)
                continue
            train = [b for b in elements(self.seen["tree"], "button") if b.get("key") == TRAIN_KEY]
            if train and not train[0]["props"].get("disabled"):
                self.ask(trigger={"key": TRAIN_KEY})
            for _ in range(10):
                time.sleep(min(3.0, max(0.0, until - time.monotonic())))
                self.ask()


def presses_a_second(visitors: Sequence[Student] | Sequence[Mover], seconds: float) -> float:
    """How many presses a server answers a second, when all press as soon as they have their answer.

    Args:
        visitors: Those who press; each has a page open.
        seconds: For how long.
    """
    begin = time.monotonic()
    done: list[float] = []

    def press(visitor: Student | Mover) -> None:
        while time.monotonic() < begin + seconds:
            if visitor.press():
                done.append(time.monotonic())

    with ThreadPoolExecutor(len(visitors)) as each:
        list(each.map(press, visitors))
    return len(done) / (max(done, default=begin + seconds) - begin)
