"""The worked formula: the cases that the options leave open, and the parts that those use."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import Branch, Definition, LossEntry
from lossviz.losses.latex_lines import broken, case, equation, rendered_width
from lossviz.losses.option import Option
from lossviz.losses.worked import named_numbers, worked, worked_definitions

SMOOTH = catalogue()["SmoothL1Loss"]
P = Option("p", "p", {"1": 1, "2": 2}, "1", "the power")
NEAR = "abs(prediction - target) < beta"
FAR = "abs(prediction - target) >= beta"


def with_branches(*branches: Branch, definitions: tuple[Definition, ...] = ()) -> LossEntry:
    """A loss over the knobs of SmoothL1Loss, and an option p, with another formula."""
    return replace(SMOOTH, options=(P,), branches=branches, definitions=definitions)


ENTRY = with_branches(
    Branch(f"p == 1 and {NEAR}", "small", "1", "near, p = 1"),
    Branch(f"p == 1 and {FAR}", "beta", "0", "far, p = 1"),
    Branch("p == 2", "large ** p", "2", "p = 2"),
    definitions=(
        Definition("unused", "u", "beta"),
        Definition("difference", "d", "prediction - target"),
        Definition("small", "s", "abs(difference)"),
        Definition("half", "h", "p / 2"),
        Definition("large", "l", "difference * half"),
    ),
)


def test_cases_that_the_options_rule_out_are_not_shown() -> None:
    settings = SMOOTH.defaults | {"p": "1"}
    assert [branch.name for branch in worked(ENTRY, settings)] == ["near, p = 1", "far, p = 1"]
    assert [branch.active for branch in worked(ENTRY, settings)] == [False, True]


def test_what_the_options_settle_is_no_condition() -> None:
    near, far = worked(ENTRY, SMOOTH.defaults | {"p": "1"})
    assert near.condition == r"\left|x - y\right| < \beta"
    assert far.condition_numbers == r"\left|2.5 - 0\right| \ge 1"


def test_a_single_case_that_is_left_has_no_condition() -> None:
    (only,) = worked(ENTRY, SMOOTH.defaults | {"p": "2"})
    assert (only.active, only.condition, only.condition_numbers) == (True, "", "")


def test_a_part_made_of_options_alone_is_settled_too() -> None:
    entry = with_branches(
        Branch("doubled == 2", "1", "0", "one"),
        Branch("doubled != 2", "2", "0", "two"),
        definitions=(Definition("doubled", "d", "2 * p"),),
    )
    (only,) = worked(entry, SMOOTH.defaults | {"p": "1"})
    assert (only.name, only.condition) == ("one", "")
    assert worked_definitions(entry, SMOOTH.defaults | {"p": "1"}) == ()


def test_only_the_parts_that_the_shown_cases_use_are_shown() -> None:
    used = {
        label: [part.symbol for part in worked_definitions(ENTRY, SMOOTH.defaults | {"p": label})]
        for label in P.choices
    }
    assert used == {"1": ["d", "s"], "2": ["d", "h", "l"]}


def test_a_sum_is_broken_before_its_signs_and_never_in_brackets() -> None:
    assert broken(r"a + \left(b + c\right) - \frac{d + e}{f} + g", 8) == [
        "a",
        r"+ \left(b + c\right)",
        r"- \frac{d + e}{f}",
        "+ g",
    ]
    assert broken(r"\left|a - b\right| - c", 3) == [r"\left|a - b\right|", "- c"]
    assert broken("-a + b", 100) == ["-a + b"]


def test_a_fraction_is_as_wide_as_its_wider_part() -> None:
    assert rendered_width(r"\frac{a}{b + c}") == rendered_width("b + c") == 5
    assert rendered_width(r"\left|a - b\right|") == 7
    assert rendered_width(r"\log\left(x\right)") == 6
    assert rendered_width(r"2 \cdot \beta") == 3


def test_sides_that_are_the_same_are_written_once() -> None:
    assert equation("y", ["0", "0", "0"], 20) == ["y &= 0"]


def test_a_long_condition_stands_below_its_formula_part_by_part() -> None:
    text = case("x", r"a < b \text{ and } c < d", 12, boxed=True)
    assert text == (
        r"\begin{aligned} & \boxed{x} \\ & \quad \text{if } a < b \\ & \quad \text{and } c < d \end{aligned}"
    )


def test_a_sum_over_classes_is_written_as_one() -> None:
    kl = catalogue()["KLDivLoss"]
    (case_,) = worked(kl, kl.defaults)
    assert case_.formula == r"\sum_c p_c \log\frac{p_c}{q_c}"
    (mean,) = worked(kl, kl.defaults | {"reduction": "mean"})
    assert mean.formula == rf"\frac{{1}}{{3}} {case_.formula}"
    # Its terms are those that are added up below it.
    numbers = named_numbers(kl, kl.defaults)
    logits = torch.tensor([numbers[f"logit_{c}"] for c in range(3)], dtype=torch.float64)
    target = torch.tensor([numbers[f"target_{c}"] for c in range(3)], dtype=torch.float64)
    terms = torch.nn.functional.kl_div(logits.log_softmax(dim=0), target, reduction="none")
    assert [numbers[f"k_{c}"] for c in range(3)] == pytest.approx(terms.tolist())


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        ("generalized_box_iou_loss", r"1 - \text{IoU} + \text{empty}"),
        ("distance_box_iou_loss", r"1 - \text{IoU} + \text{distance}"),
        ("complete_box_iou_loss", r"1 - \text{IoU} + \text{distance} + \text{aspect}"),
    ],
)
def test_a_box_loss_names_its_parts_and_says_what_they_are(loss: str, formula: str) -> None:
    entry = catalogue()[loss]
    for settings in (entry.defaults, entry.defaults | {"x": 5, "y": 3}):
        (only,) = worked(entry, settings)
        assert only.formula == formula
        parts = worked_definitions(entry, settings)
        said = {part.symbol for part in parts if part.outermost and part.words}
        # One prime is explained; the others say the same.
        primed = {r"\text{IoU}'"}
        assert said == primed | {symbol for symbol in formula.split(" ") if symbol.startswith(r"\text")}
        # IoU and what it is made of come out as torchvision computes them.
        numbers = named_numbers(entry, settings)
        assert numbers["IoU"] == pytest.approx(exact(entry, settings).probes["iou"][0], abs=1e-6)
