"""Events travel as one line of JSON and come back as they were, numbers that are not finite among them."""

from __future__ import annotations

import json
import math

import pytest

from lossviz.training import events

EVENTS: list[events.Event] = [
    events.Waiting(),
    events.Preparing("Fetching.", 3, 10),
    events.DataReady("folder", "FashionMNIST", "From here.", ["A note."], offline=True),
    events.Started(
        "run",
        {"epochs": 2},
        "FashionMNIST",
        "From here.",
        "cpu",
        "A processor",
        2,
        55_338,
        [events.Layer("Linear 784 → 10", [10], 7_850)],
        9_000,
        1_000,
        10_000,
        5_000,
        141,
        282,
        math.log(10),
    ),
    events.Initial(2.3, 0.1, 2.31, 0.09, 1_000, 500),
    events.Steps(1, [2.3, 2.2], 4_000.0, 12.5),
    events.Epoch(1, 0.9, 0.5, 0.8, 5_000, 0.6, 0.79, 1_000, 4_000.0, 2.5),
    events.Finished(2, 282, 5.0, 4.5, 0.5, 0.8, 1_000, 0.51, 0.81, 4_000.0, {"predictions": "p.npz"}),
    events.Stopped(0, 7, 1.0, 0.1, 2.0, 0.3, 500, None, None, 4_000.0, {"predictions": None}),
    events.Failed("It broke.", "Try again."),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.KIND)
def test_an_event_comes_back_as_it_was(event: events.Event) -> None:
    line = events.to_line(event)
    assert "\n" not in line
    assert next(iter(json.loads(line).items())) == ("event", event.KIND)
    assert events.from_line(line) == event


def test_numbers_that_are_not_finite_are_valid_json_and_come_back() -> None:
    line = events.to_line(events.Steps(1, [math.nan, math.inf, -math.inf, 1.0], math.inf, math.nan))

    def refuse(literal: str) -> float:
        raise AssertionError(literal)

    assert json.loads(line, parse_constant=refuse)["losses"] == ["NaN", "Infinity", "-Infinity", 1.0]
    event = events.from_line(line)
    assert isinstance(event, events.Steps)
    assert math.isnan(event.losses[0])
    assert event.losses[1:] == [math.inf, -math.inf, 1.0]
    assert event.images_per_second == math.inf
    assert math.isnan(event.seconds_left)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a warning",
        "3",
        "[]",
        "{}",
        '{"event": 3}',
        '{"event": "party"}',
        '{"event": "failed"}',
        '{"event": "waiting", "more": 1}',
    ],
)
def test_any_other_line_is_no_event(line: str) -> None:
    assert events.from_line(line) is None
