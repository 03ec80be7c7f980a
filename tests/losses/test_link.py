"""Links as people type, share and mangle them."""

from __future__ import annotations

import pytest

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.forgiven_names import in_any_case, loss_name
from lossviz.losses.link import PanelState, from_link, to_link

LOSS = {"loss": "SmoothL1Loss"}


def test_a_link_sets_what_it_names_and_leaves_the_rest_at_the_defaults() -> None:
    opened = from_link(
        "regression", LOSS | {"prediction": "2.5", "beta": "0.5", "overlay": "HuberLoss,L1Loss"}
    )
    assert opened.problems == ()
    assert opened.state.entry is catalogue()["SmoothL1Loss"]
    assert opened.state.settings == {"prediction": 2.5, "target": 0, "beta": 0.5}
    assert opened.state.overlays == ("L1Loss", "HuberLoss")
    assert to_link(opened.state) == {
        "loss": "SmoothL1Loss",
        "prediction": "2.5",
        "target": "0",
        "beta": "0.5",
        "overlay": "L1Loss,HuberLoss",
    }


def test_no_link_is_the_first_loss_of_the_page() -> None:
    opened = from_link("regression", {})
    assert (opened.state.entry.name, opened.problems) == ("L1Loss", ())


@pytest.mark.parametrize(
    ("given", "shown", "said"),
    [
        ("0.6", 0.5, "lies between two steps of 0.25; showing the nearest, 0.5"),
        ("9", 4, "lies outside 0 to 4; showing 4"),
        ("-1e30", 0, "lies outside 0 to 4; showing 0"),
        ("0,6", 0.5, "lies between two steps of 0.25; showing the nearest, 0.5"),
        (
            "1,500",
            1,
            "beta = “1,500” can be 1.5 or 1500: write 1.5 or 1500; showing the default, 1.",
        ),
        ("1_000", 1, "has an underscore in it: write 1000; showing the default, 1"),
        ("٣", 1, "is not written with the digits 0 to 9 alone; showing the default, 1"),
        ("-1e300", 1, "torch would make it -inf; showing the default, 1"),
        ("1e999", 1, "torch would make it inf; showing the default, 1"),
        ("1e-50", 1, "torch would make it 0; showing the default, 1"),
        ("inf", 1, "is not finite; showing the default, 1"),
        ("nan", 1, "is not a number; showing the default, 1"),
        ("", 1, "is empty; showing the default, 1"),
        ("<script>", 1, "is not a number; showing the default, 1"),
        ("0x10", 1, "is not a number; showing the default, 1"),
        ("1;2", 1, "is not a number; showing the default, 1"),
    ],
)
def test_a_bad_value_falls_back_and_the_page_says_so(given: str, shown: float, said: str) -> None:
    opened = from_link("regression", LOSS | {"beta": given})
    assert opened.state.settings["beta"] == shown
    (problem,) = opened.problems
    assert said in problem


def test_a_decimal_comma_and_a_typeset_minus_are_read() -> None:
    opened = from_link("regression", LOSS | {"prediction": "2,5", "target": "\u22121"})
    assert opened.problems == ()
    assert opened.state.settings == {"prediction": 2.5, "target": -1, "beta": 1}
    assert to_link(opened.state)["prediction"] == "2.5"


def test_a_loss_that_is_not_there() -> None:
    opened = from_link("regression", {"loss": "smoothl2"})
    assert opened.state.entry.name == "L1Loss"
    (problem,) = opened.problems
    here = "L1Loss, MSELoss, SmoothL1Loss, HuberLoss, PoissonNLLLoss and GaussianNLLLoss"
    assert problem == f"There is no loss “smoothl2”; this page has {here}. Showing L1Loss."
    assert opened.elsewhere is None


@pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)
def test_no_name_asks_for_its_true_case(entry: LossEntry) -> None:
    """Loss, knobs, options, their labels and overlays; nothing is said, and the address gets the true names."""
    settings = entry.defaults | {option.key: list(option.choices)[-1] for option in entry.options}
    link = to_link(PanelState(entry, settings, tuple(entry.overlays)))
    for other in (str.lower, str.upper):
        opened = from_link(entry.category, {other(key): other(text) for key, text in link.items()})
        assert opened.problems == ()
        assert to_link(opened.state) == link


@pytest.mark.parametrize(
    ("page", "typed", "name"),
    [
        ("regression", "smooth-l1", "SmoothL1Loss"),
        ("regression", "Huber", "HuberLoss"),
        ("regression", " mse loss", "MSELoss"),
        ("boxes", "generalizedboxiou", "generalized_box_iou_loss"),
        ("sequence", "adaptive_log_softmax_with", "AdaptiveLogSoftmaxWithLoss"),
    ],
)
def test_a_name_without_its_ending_or_with_other_separators_is_read_and_the_page_says_so(
    page: str, typed: str, name: str
) -> None:
    opened = from_link(page, {"loss": typed})
    assert opened.state.entry.name == name
    assert opened.problems == (f"“{typed}” is read as {name}.",)


def test_every_loss_is_found_by_its_name_in_small_letters_without_its_ending() -> None:
    typed = {name: name.lower().removesuffix("loss").replace("_", " ") for name in catalogue()}
    assert {name: loss_name(text, catalogue()) for name, text in typed.items()} == {
        name: name for name in catalogue()
    }


def test_what_could_be_two_names_is_none() -> None:
    assert in_any_case("P", ("p", "P")) == "P"
    assert in_any_case("beta", ("Beta", "BETA")) is None
    assert loss_name("a b", ("a_b", "AB_loss")) is None
    opened = from_link("regression", LOSS | {"Beta": "2", "BETA": "3"})
    assert opened.state.settings["beta"] == 1
    assert "names “Beta”, “BETA”" in opened.problems[0]


def test_a_loss_of_another_page_is_found_there_with_all_that_the_link_says() -> None:
    opened = from_link("regression", {"LOSS": "ctc", "Target": "a b", "logit_a": "2"})
    assert to_link(opened.state) == to_link(from_link("regression", {}).state)
    assert opened.problems == ("CTCLoss stands on the page Sequence. Showing L1Loss.",)
    assert opened.elsewhere is not None
    assert opened.elsewhere.entry is catalogue()["CTCLoss"]
    assert opened.elsewhere.parameters == {"loss": "CTCLoss", "Target": "a b", "logit_a": "2"}


def test_names_that_the_loss_does_not_have() -> None:
    opened = from_link("regression", LOSS | {"delta": "2", "overlay": "SmoothL1Loss,os.system"})
    assert opened.state.overlays == ()
    assert len(opened.problems) == 3
    assert "“SmoothL1Loss” cannot be laid over SmoothL1Loss" in opened.problems[0]
    assert "“os.system” cannot be laid over SmoothL1Loss" in opened.problems[1]
    assert "names “delta”" in opened.problems[2]


def test_a_hostile_link_stays_short_and_printable() -> None:
    opened = from_link("regression", {"loss": "x" * 100_000, **{f"k{i}\u202e": "1" for i in range(1000)}})
    assert all(len(problem) < 500 and problem.isprintable() for problem in opened.problems)


def test_an_unknown_page() -> None:
    with pytest.raises(KeyError):
        from_link("no such page", {})


def test_options_stand_in_a_link_by_their_labels_and_only_if_they_are_not_at_the_default() -> None:
    opened = from_link(
        "classification", {"loss": "CrossEntropyLoss", "target": "2", "label_smoothing": "0.1"}
    )
    assert opened.problems == ()
    assert (opened.state.settings["target"], opened.state.settings["label_smoothing"]) == ("2", "0.1")
    assert {"target", "label_smoothing"} <= set(to_link(opened.state))
    assert "weight" not in to_link(opened.state)


def test_an_unknown_label_falls_back_and_the_page_says_which_there_are() -> None:
    opened = from_link("classification", {"loss": "CrossEntropyLoss", "target": "7"})
    assert opened.state.settings["target"] == "0"
    assert opened.problems == ("target = “7” is none of “0”, “1”, “2” and “-100”; showing 0.",)


@pytest.mark.parametrize(("given", "written"), [("1", "1"), ("0", None), ("1,0", "1")])
def test_a_link_can_ask_for_the_view_for_a_projector(given: str, written: str | None) -> None:
    opened = from_link("regression", LOSS | {"Projector": given})
    assert (opened.projector, opened.problems) == (written is not None, ())
    parameters = to_link(opened.state, projector=opened.projector)
    assert parameters.get("projector") == written
    assert from_link("regression", parameters) == opened


@pytest.mark.parametrize("given", ["maybe", "", "2", "nan", "<b>"])
def test_a_bad_word_for_the_projector_is_told(given: str) -> None:
    opened = from_link("regression", LOSS | {"projector": given})
    assert not opened.projector
    assert opened.problems == (f"projector = “{given}” is neither 1 nor 0; showing the page as with 0.",)
