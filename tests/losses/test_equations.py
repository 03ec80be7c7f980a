"""The equations on the page: true at the digits shown, with a word where float32 says something else."""

from __future__ import annotations

import math
import re

import pytest

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.equations import ABOUT, EQUAL, Equation, at_work
from lossviz.losses.float32 import differs, exact_arithmetic, remarks
from lossviz.losses.lattice import lattice
from lossviz.losses.worked import agrees, worked_definitions
from tests.losses.read_latex import value_of
from tests.losses.test_contract import every_entry, float64, option_settings, random_settings

SAMPLES = 60


def check(equation: Equation, said: float, true: float, where: object) -> None:
    """Whether an equation's numbers, read back from what is displayed, are what its signs say, and torch's."""
    _, numbers, result = equation.sides
    reached, written = value_of(numbers), value_of(result)
    assert equation.signs[:2] == (EQUAL, EQUAL)
    if equation.signs[2] == EQUAL:
        assert agrees(reached, written), (where, equation)
    else:
        assert equation.signs[2] == ABOUT
        assert reached == pytest.approx(written, rel=0.1), (where, equation)
    # The number is the one beside it, or says that it is not.
    stands = value_of(equation.in_float32 or result)
    assert shown(stands) == shown(said), (where, equation)
    if equation.in_float32:
        assert differs(said, true)


@every_entry
def test_where_an_equals_sign_stands_both_sides_agree(entry: LossEntry) -> None:
    about = 0
    for seed in range(SAMPLES):
        settings = random_settings(entry, seed)
        said = exact(entry, settings)
        work = at_work(entry, settings, said)
        loss, gradient = exact_arithmetic(entry, settings)
        check(work.loss, said.loss, loss, settings)
        check(work.gradient, said.gradient, gradient, settings)
        about += ABOUT in work.loss.signs + work.gradient.signs
        for part in worked_definitions(entry, settings, work.digits):
            value_of(part.value)
    # Most numbers come out as they should.
    assert about < SAMPLES / 2


@every_entry
def test_what_float32_changes_is_said_and_nothing_else(entry: LossEntry) -> None:
    for seed in range(SAMPLES):
        settings = random_settings(entry, seed)
        said = exact(entry, settings)
        with float64():
            true = exact(entry, settings)
        if said.loss == 0 and 0 < true.loss < 1e-11:
            continue  # what torch adds to a distance makes a tie no tie, in the thirteenth digit
        told = " ".join(remarks(entry, settings, said))
        for name, here, there in (("loss", said.loss, true.loss), ("gradient", said.gradient, true.gradient)):
            word = f"the {name} is {shown(there)}"
            if math.isfinite(here) and math.isfinite(there) and abs(here - there) > 2e-5 * abs(there) + 1e-12:
                assert f"in exact arithmetic {word}" in told or f"and {word}" in told, (
                    settings,
                    told,
                    here,
                    there,
                )
            elif math.isfinite(here) and math.isclose(here, there, rel_tol=5e-6):
                assert word not in told, (settings, told)


def test_dust_is_named() -> None:
    cosine = catalogue()["CosineEmbeddingLoss"]
    settings = cosine.defaults | {"angle": 180.0}
    said = exact(cosine, settings)
    assert said.gradient != 0
    assert remarks(cosine, settings, said) == ("float32 has rounded: in exact arithmetic the gradient is 0.",)
    gradient = at_work(cosine, settings, said).gradient
    assert (gradient.sides[-1], gradient.in_float32 != "") == ("0", True)


def test_a_small_true_number_is_no_dust() -> None:
    entry = catalogue()["BCEWithLogitsLoss"]
    settings = entry.defaults | {"logit": 30.0, "target": 1.0, "pos_weight": "20"}
    said = exact(entry, settings)
    # 20 log(1 + e^-30)
    assert said.loss == pytest.approx(20 * math.log1p(math.exp(-30)), rel=1e-6)
    assert not any("the loss is" in told for told in remarks(entry, settings, said))


def test_an_overflow_says_what_the_numbers_are() -> None:
    entry = catalogue()["SoftMarginLoss"]
    settings = entry.defaults | {"logit": -95.0, "target": 1.0}
    said = exact(entry, settings)
    (told,) = remarks(entry, settings, said)
    assert told == (
        "float32 overflows: e^95 is above 3.4e38, so torch's loss is infinite and its gradient is not a number; "
        "in exact arithmetic the loss is 95 and the gradient is -1."
    )
    work = at_work(entry, settings, said)
    assert (work.loss.sides[-1], work.loss.in_float32) == ("95", r"\infty")
    assert (work.gradient.sides[-1], work.gradient.in_float32) == ("-1", r"\text{not a number}")


@every_entry
def test_whatever_is_not_finite_has_a_reason(entry: LossEntry) -> None:
    kinds = set()
    for setting in option_settings(entry):
        chosen = entry.chosen(setting)
        table = lattice(entry, chosen)
        strange = table[~(table["loss"].abs() < math.inf) | ~(table["gradient"].abs() < math.inf)]
        for key in strange["key"].iloc[[0, len(strange) // 2, -1]] if len(strange) else ():
            settings: dict[str, float | str] = dict(chosen)
            row = int(key)
            for knob in entry.knobs:
                row, place = divmod(row, knob.count)
                settings[knob.key] = knob.at(place)
            told = remarks(entry, settings, exact(entry, settings))
            assert len(told) == 1, (settings, told)
            kinds.add(re.sub(r"^-[0-9.]+ ", "", re.split("[,:]", told[0])[0]))
    assert kinds == {
        "CTCLoss": {"No path of so few frames spells the target"},
        "PoissonNLLLoss": {"The logarithm of 0 is minus infinity", "is negative and has no logarithm"},
        "SoftMarginLoss": {"float32 overflows"},
    }.get(entry.name, set())
