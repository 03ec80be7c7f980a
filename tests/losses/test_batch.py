"""The batch of every loss that takes one: the program prints what is shown, and the numbers hang together."""

from __future__ import annotations

import dataclasses
import functools
import math
import random
import runpy
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from lossviz.losses import batch
from lossviz.losses.batch import MAX_ROWS, NotAskedError, evaluate, program, read, start_rows
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry, Settings

WITH_BATCH = [entry for entry in catalogue().values() if entry.batch]
every_batch = pytest.mark.parametrize("entry", WITH_BATCH, ids=lambda entry: entry.name)


def random_setting(entry: LossEntry, draw: random.Random) -> dict[str, float | str]:
    """A setting of the knobs and the options."""
    knobs: dict[str, float | str] = {knob.key: draw.choice(knob.values) for knob in entry.knobs}
    return knobs | {option.key: draw.choice(list(option.choices)) for option in entry.options}


def batches(entry: LossEntry) -> list[tuple[list[Settings], Settings]]:
    """The batch at the start and random ones, each with what sets the constructor."""
    draw = random.Random(4)
    found: list[tuple[list[Settings], Settings]] = [(list(start_rows(entry)), entry.defaults)]
    for _ in range(5):
        rows = [random_setting(entry, draw) for _ in range(draw.randint(1, MAX_ROWS))]
        found.append(
            ([{key: row[key] for key in entry.batch_keys} for row in rows], random_setting(entry, draw))
        )
    return found


def cross_entropy() -> LossEntry:
    return catalogue()["CrossEntropyLoss"]


def row(**changes: float | str | None) -> dict[str, float | str | None]:
    """A row for cross-entropy."""
    usual: dict[str, float | str | None] = {"logit_0": 2.0, "logit_1": 1.0, "logit_2": 0.0, "target": "0"}
    return usual | changes


@every_batch
def test_the_start_is_a_table_that_can_be_used(entry: LossEntry) -> None:
    rows = start_rows(entry)
    assert 5 <= len(rows) <= MAX_ROWS
    assert read(entry, rows).rows == tuple(rows)
    assert batch.batch_of(entry).reductions


@every_batch
def test_the_program_prints_what_is_shown(
    entry: LossEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "program.py"
    for rows, settings in batches(entry):
        for reduction in batch.batch_of(entry).reductions:
            script.write_text(program(entry, rows, settings, reduction), encoding="utf-8")
            with warnings.catch_warnings():
                # torch warns of some reductions; the page says so beside the number.
                warnings.simplefilter("ignore")
                runpy.run_path(str(script))
            printed = capsys.readouterr().out.splitlines()
            assert printed == list(evaluate(entry, rows, settings, reduction).printed)


@every_batch
def test_the_program_is_as_wide_as_a_page(entry: LossEntry) -> None:
    for rows, settings in batches(entry):
        # As long as a typed number can be, and in every cell that takes one.
        typed = [
            {key: value if isinstance(value, str) else -1.2345678901234567e-123 for key, value in row.items()}
            for row in rows
        ]
        for each in (rows, typed):
            for reduction in batch.batch_of(entry).reductions:
                code = program(entry, each, settings, reduction)
                assert [line for line in code.splitlines() if len(line) > 88] == []


@every_batch
def test_rows_sum_and_shares_hang_together(entry: LossEntry) -> None:
    for rows, settings in batches(entry):
        for reduction in batch.batch_of(entry).reductions:
            answer = evaluate(entry, rows, settings, reduction)
            assert len(answer.losses) == len(rows)
            size = sum(abs(loss) for loss in answer.losses)
            assert sum(answer.losses) == pytest.approx(answer.total, rel=1e-5, abs=1e-5 * size, nan_ok=True)
            if answer.shares:
                assert len(answer.shares) == len(rows)
                assert sum(answer.shares) == pytest.approx(1)
            for mean in answer.means.values():
                if not math.isnan(mean.divisor):
                    assert mean.value * mean.divisor == pytest.approx(answer.total)
                if mean.parts:
                    assert sum(mean.parts) == pytest.approx(mean.divisor, rel=1e-3)
            if reduction in answer.means:
                assert answer.printed == (shown(answer.means[reduction].value),)


@every_batch
def test_the_start_shows_what_mean_divides_by(entry: LossEntry) -> None:
    for mean in evaluate(entry, start_rows(entry), entry.defaults, "mean").means.values():
        assert mean.divisor > 0


def test_mean_divides_by_the_weights_of_the_rows_that_count() -> None:
    records = [row(), row(), row(), row(logit_0=0.0, logit_1=0.0, target="2"), row(target="-100")]
    rows = read(cross_entropy(), records).rows
    answer = evaluate(cross_entropy(), rows, cross_entropy().defaults | {"weight": "1,1,9"}, "mean")
    mean = answer.means["mean"]
    assert mean.parts == (1, 1, 1, 9, 0)
    assert mean.divisor == pytest.approx(12)
    assert mean.value == pytest.approx(0.9259, abs=1e-4)
    weight = torch.tensor([1.0, 1.0, 9.0])
    logits = torch.tensor([[2.0, 1, 0], [2, 1, 0], [2, 1, 0], [0, 0, 0], [2, 1, 0]], requires_grad=True)
    target = torch.tensor([0, 0, 0, 2, -100])
    torch.nn.CrossEntropyLoss(weight=weight)(logits, target).backward()
    assert logits.grad is not None
    pulls = logits.grad.abs().sum(dim=1)
    assert list(answer.shares) == pytest.approx((pulls / pulls.sum()).tolist())


def test_a_mean_of_nothing_shows_no_divisor() -> None:
    answer = evaluate(
        cross_entropy(), read(cross_entropy(), [row(target="-100")]).rows, cross_entropy().defaults, "mean"
    )
    assert answer.printed == ("nan",)
    assert math.isnan(answer.means["mean"].divisor)
    assert answer.means["mean"].parts == ()
    assert answer.shares == ()


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "no rows"),
        ([row()] * 13, "Take away 3."),
        ([row(), row(logit_1=math.nan)], "Row 2, logit 1: the cell is empty."),
        ([row(logit_0=None)], "Row 1, logit 0: the cell is empty."),
        ([{}], "the cell is empty."),
        ([row(logit_0="  ")], "Row 1, logit 0: the cell is empty."),
        ([row(logit_0="much")], "“much” is not a number. Write one such as 1.5, 1e-3, inf or nan."),
        ([row(logit_0="1,500")], "Row 1, logit 0: “1,500” can be 1.5 or 1500: write 1.5 or 1500."),
        ([row(logit_0="1e400")], "torch would make it inf. To try that, write inf."),
        ([row(logit_0="-3.5e-50")], "torch would make it -0. To try that, write -0."),
        ([row(logit_0="x" * 99)], "“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…” is not a number."),
        ([row(target="7")], "“7” is not one of 0, 1, 2, -100."),
        ([row(target=None)], "Row 1, target: the cell is empty."),
    ],
)
def test_a_table_that_cannot_be_used_is_told_so(records: list[dict[str, object]], said: str) -> None:
    table = read(cross_entropy(), records)
    assert table.rows == ()
    assert said in " ".join(table.problems)


def test_numbers_are_free_also_those_that_were_typed_as_text() -> None:
    table = read(cross_entropy(), [row(logit_0=123.456, logit_1="-1e3", logit_2=math.inf)])
    assert table.problems == ()
    assert table.rows[0]["logit_1"] == -1000
    assert 'float("inf")' in program(cross_entropy(), table.rows, cross_entropy().defaults, "mean")


def test_a_cell_takes_what_the_rule_for_typed_numbers_takes() -> None:
    records = [row(logit_0="1,5", logit_1=" \u22122 ", logit_2="1e30"), row(logit_0="nan", logit_1="-inf")]
    table = read(cross_entropy(), records)
    assert table.problems == ()
    assert table.notes == ("Row 1, logit 0: “1,5” is read as 1.5.",)
    first, second = table.rows
    assert (first["logit_0"], first["logit_1"], first["logit_2"]) == (1.5, -2, 1e30)
    assert math.isnan(float(second["logit_0"]))
    answer = evaluate(cross_entropy(), [first], cross_entropy().defaults, "sum")
    expected = torch.nn.CrossEntropyLoss()(torch.tensor([[1.5, -2.0, 1e30]]), torch.tensor([0]))
    assert answer.printed == (shown(expected.item()),) == ("1e+30",)
    assert evaluate(cross_entropy(), table.rows, cross_entropy().defaults, "mean").printed == ("nan",)


@pytest.mark.parametrize("text", ["nan", "inf", "-1e30", "1,5", "1e19"])
def test_a_whole_number_is_told_so_before_torch_is_asked(text: str) -> None:
    logits, target = cross_entropy().arguments
    whole = dataclasses.replace(logits, dtype="int64")
    entry = dataclasses.replace(cross_entropy(), arguments=(whole, target))
    assert read(entry, [row(logit_0="-7", logit_1="2.0")]).rows[0]["logit_0"] == -7
    (problem,) = read(entry, [row(logit_0=text)]).problems
    assert problem == (
        f"Row 1, logit 0: “{text}” is no whole number that torch's int64 takes: write one such as 0 or 2."
    )


def asked(entry: LossEntry, rows: Sequence[Settings]) -> tuple[str, ...]:
    """What is shown of the sum of a batch."""
    return evaluate(entry, rows, entry.defaults, "sum").printed


def outcome(ask: Callable[[], tuple[str, ...]]) -> tuple[object, ...]:
    """What comes of it, or which error with which words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ask()
        except Exception as refusal:  # noqa: BLE001 - torch's own words, whatever they are
            return type(refusal), str(refusal)


@every_batch
def test_what_is_not_finite_comes_back_as_torch_says_it(
    entry: LossEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "program.py"
    knobs = [knob.key for knob in entry.knobs if knob.key in entry.batch_keys]

    def printed() -> tuple[str, ...]:
        runpy.run_path(str(script))
        return tuple(capsys.readouterr().out.splitlines())

    for place, text in enumerate(("nan", "inf", "-inf", "1e30", "-0")):
        records = [{key: str(value) for key, value in row.items()} for row in start_rows(entry)]
        records[1][knobs[place % len(knobs)]] = text
        rows = read(entry, records).rows
        script.write_text(program(entry, rows, entry.defaults, "sum"), encoding="utf-8")
        said = outcome(functools.partial(asked, entry, rows))
        if said[0] is NotAskedError:
            assert batch.batch_of(entry).check
        else:
            assert said == outcome(printed)


def test_torchs_own_error_comes_through() -> None:
    entry = catalogue()["HuberLoss"]
    entry = dataclasses.replace(entry, batch=dataclasses.replace(batch.batch_of(cross_entropy()), rows=()))
    rows: list[Settings] = [{"prediction": 1.0, "target": 0.0}]
    with pytest.raises(RuntimeError, match="huber_loss does not support non-positive values for delta"):
        evaluate(entry, rows, entry.defaults | {"delta": 0.0}, "mean")


def test_torch_is_not_asked_what_it_would_not_check() -> None:
    with pytest.raises(NotAskedError, match="The batch is empty"):
        evaluate(cross_entropy(), [], cross_entropy().defaults, "sum")
    checked = dataclasses.replace(batch.batch_of(cross_entropy()), check="boxes_ordered(logits.tolist())")
    entry = dataclasses.replace(cross_entropy(), batch=checked)
    with pytest.raises(NotAskedError, match="Box 0 has 3 numbers"):
        evaluate(entry, read(entry, [row()]).rows, entry.defaults, "sum")


def test_a_loss_without_a_batch_has_none() -> None:
    with pytest.raises(ValueError, match="takes no batch"):
        start_rows(dataclasses.replace(cross_entropy(), batch=None))
