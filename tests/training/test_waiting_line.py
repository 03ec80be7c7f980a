"""Whose turn it is, and how long the others wait."""

from __future__ import annotations

import pytest

from lossviz.training.events import Steps
from lossviz.training.pace import Pace, expected_wait
from lossviz.training.run_record import RunRecord
from lossviz.training.settings import RANGE_TEST_STEPS, Settings
from lossviz.training.waiting_line import WaitingLine


def run(name: str, model: str = "cnn", epochs: int = 1) -> RunRecord:
    # 1,000 images, 100 of them held out: 900 trained on in each epoch.
    return RunRecord(name, "owner of " + name, Settings(model=model, epochs=epochs, train_size=1_000))


def order(line: WaitingLine) -> str:
    return "".join(line.take().run_id for _ in range(len(line)))


def test_first_come_first_served() -> None:
    line = WaitingLine()
    for name in "abc":
        line.add([run(name)])
    assert order(line) == "abc"


def test_a_race_holds_a_newcomer_up_by_one_run_only() -> None:
    line = WaitingLine()
    line.add([run(name) for name in "1234"])
    line.add([run("x")])
    line.add([run("y")])
    assert order(line) == "1xy234"


def test_newcomers_do_not_hold_a_race_up_for_ever() -> None:
    line = WaitingLine()
    line.add([run("1"), run("2")])
    started = ""
    for newcomer in "abcdef":
        started += line.take().run_id
        line.add([run(newcomer)])
    assert started == "12abcd"


def test_who_leaves_makes_room() -> None:
    line = WaitingLine()
    first, second, third = run("a"), run("b"), run("c")
    for each in (first, second, third):
        line.add([each])
    assert line.ahead_of(third) == [first, second]
    line.remove(second)
    assert line.ahead_of(third) == [first]
    assert second not in line
    assert third in line


def test_the_wait_is_what_is_before_at_its_measured_pace() -> None:
    pace = Pace()
    assert expected_wait(pace, [], [run("a")], 1) is None, "nothing has been measured"
    pace.measured(Settings(model="mlp"), seconds=10.0, images=9_000)  # a second for 900 images
    pace.measured(Settings(model="cnn"), seconds=100.0, images=9_000)  # ten
    ahead = [run("a", "mlp", 5), run("b", "cnn", 2)]
    assert expected_wait(pace, [], ahead, 1) == pytest.approx(5 + 20)
    assert expected_wait(pace, [], ahead, 2) == pytest.approx(5), "both start at once, the first ends sooner"
    assert expected_wait(pace, [], [], 1) == 0.0


def test_a_run_that_is_going_counts_with_what_it_says_is_left() -> None:
    going = run("a")
    going.begin()
    going.take(Steps(1, [1.0], 100.0, 45.0))
    wait = expected_wait(Pace(), [going], [], 1)
    assert wait is not None
    assert wait == pytest.approx(45.0, abs=5.0)
    # Nothing else has been measured: the next one is taken to be like it, with twice as many epochs.
    both = expected_wait(Pace(), [going], [run("b", "mlp", 2)], 1)
    assert both is not None
    assert both == pytest.approx(45.0 + 90.0, abs=15.0)


def test_a_range_test_lasts_as_long_as_its_steps() -> None:
    pace = Pace()
    pace.measured(Settings(model="mlp"), seconds=9.0, images=9_000)
    asked = Settings(model="mlp", range_test=True, batch_size=50, epochs=40)
    assert pace.expected(asked) == pytest.approx(RANGE_TEST_STEPS * 50 / 1_000)


def test_a_network_that_was_not_measured_is_taken_for_the_usual_one() -> None:
    pace = Pace()
    pace.measured(Settings(model="mlp"), seconds=9.0, images=9_000)
    assert pace.expected(Settings(model="cnn", train_size=1_000, epochs=3)) == pytest.approx(2.7)
    pace.measured(Settings(model="cnn"), seconds=0.0, images=0)
    assert pace.expected(Settings(model="cnn", train_size=1_000, epochs=3)) == pytest.approx(2.7)
