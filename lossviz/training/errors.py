"""What stops a run, in words for whoever asked for it."""

from __future__ import annotations


class TrainingError(RuntimeError):
    """A run that cannot go on.

    Attributes:
        advice: What to do.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice
