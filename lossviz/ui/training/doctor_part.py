"""The run doctor: what the curves mean, in words with their evidence, by thresholds that can be moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from lossviz.training.diagnosis import Diagnosis, Thresholds, Verdict
from lossviz.training.jobs import RunSnapshot
from lossviz.training.run_diagnosis import diagnose_run
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.state import TrainingState

_LOOKS: Final[Mapping[Verdict, tuple[str, str]]] = {
    "too early": (":material/hourglass_empty:", "gray"),
    "diverged": (":material/error:", "red"),
    "diverging": (":material/trending_up:", "red"),
    "overfitting": (":material/call_split:", "orange"),
    "underfitting": (":material/vertical_align_top:", "orange"),
    "wrong goal": (":material/wrong_location:", "orange"),
    "plateau": (":material/horizontal_rule:", "orange"),
    "healthy": (":material/check_circle:", "green"),
}
"""The sign and the colour of a verdict; the words say the same."""

_MARKS: Final[Mapping[Verdict, str]] = {"overfitting": "overfitting since", "plateau": "plateau since"}


@dataclass(frozen=True, slots=True)
class _Field:
    """A threshold as a slider.

    Attributes:
        name: What `Thresholds` calls it.
        label: What the page calls it.
        low: The least value on the slider.
        high: The largest.
        step: From one value to the next.
        unit: "%" for a share, "×" for a factor, "" for a number of epochs.
        meaning: What it decides.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    unit: str
    meaning: str

    def shown(self, value: float) -> float:
        """A threshold as the slider has it."""
        return round(value * 100, 6) if self.unit == "%" else value

    def meant(self, value: float) -> float:
        """The threshold that the slider means."""
        if self.unit == "%":
            return value / 100
        return value if self.unit else int(value)


_FIELDS: Final = (
    _Field(
        "diverging_above",
        "Diverging above",
        1.0,
        2.0,
        0.05,
        "×",
        "Diverging if the train loss stays above this multiple of where it began.",
    ),
    _Field(
        "overfitting_rise",
        "Overfitting: rise",
        1,
        50,
        1,
        "%",
        "Overfitting if the validation loss has risen by more than this over its best epoch.",
    ),
    _Field(
        "overfitting_epochs",
        "Overfitting: epochs",
        1,
        10,
        1,
        "",
        "How many epochs the best one must lie back.",
    ),
    _Field(
        "underfitting_level",
        "Underfitting: level",
        5,
        100,
        5,
        "%",
        "Underfitting if the train loss is above this share of the way from the lowest possible to guessing,",
    ),
    _Field(
        "underfitting_gap",
        "Underfitting: gap",
        1,
        50,
        1,
        "%",
        "and validation lies above train by less than this.",
    ),
    _Field(
        "wrong_goal_level",
        "Wrong goal: level",
        5,
        100,
        5,
        "%",
        "A wrong goal if the train loss is below this share of that way,",
    ),
    _Field(
        "wrong_goal_accuracy",
        "Wrong goal: accuracy",
        5,
        100,
        5,
        "%",
        "and fewer than this share of the train images are right.",
    ),
    _Field(
        "improving",
        "Still improving",
        0.1,
        5.0,
        0.1,
        "%",
        "A run that underfits still improves if its train loss falls by more than this an epoch.",
    ),
    _Field(
        "plateau",
        "Plateau: improvement",
        0.1,
        5.0,
        0.1,
        "%",
        "A plateau if the best validation loss got better by less than this,",
    ),
    _Field("plateau_epochs", "Plateau: epochs", 2, 15, 1, "", "over so many epochs."),
    _Field(
        "noise",
        "Noisy above",
        0.5,
        20.0,
        0.5,
        "%",
        "Noisy if validation jumps about its running median by more than this.",
    ),
)


def diagnosis_of(state: TrainingState, snapshot: RunSnapshot) -> Diagnosis | None:
    """What the doctor says of a run, by the thresholds as they are set; None before there is anything to see.

    A range test of learning rates is no training, and has no diagnosis.
    """
    return diagnose_run(snapshot, thresholds_of(state))


def marks(diagnosis: Diagnosis | None, snapshot: RunSnapshot) -> list[tuple[float, str]]:
    """What the loss picture marks: an epoch and its words, at most two of them."""
    found: list[tuple[float, str]] = []
    if diagnosis is not None and diagnosis.since is not None and diagnosis.verdict in _MARKS:
        found.append((float(diagnosis.since), f"{_MARKS[diagnosis.verdict]} epoch {diagnosis.since}"))
    best = snapshot.result.best_epoch if snapshot.result is not None else None
    if best is not None:
        found.append((float(best), f"best: epoch {best}"))
    return found


def doctor_part(diagnosis: Diagnosis | None, snapshot: RunSnapshot) -> None:
    """The verdict in words, its evidence and what to try; drawn while the run goes and afterwards."""
    _stopped_early(snapshot)
    if diagnosis is None:
        return
    sign, colour = _LOOKS[diagnosis.verdict]
    noisy = " :violet-badge[:material/show_chart: noisy]" if diagnosis.noisy else ""
    # One element: sentences come and go while a run is on, and what stands below keeps its place in the page.
    evidence = "  \n".join(plain(sentence) for sentence in diagnosis.evidence)
    advice = f"\n\nTry: {plain(diagnosis.advice)}" if diagnosis.advice else ""
    st.markdown(
        f"**The doctor** :{colour}-badge[{sign} {diagnosis.verdict}]{noisy} **{plain(diagnosis.headline)}**\n\n"
        f"{evidence}{advice}"
    )


def thresholds_part(state: TrainingState) -> None:
    """Where one verdict ends and the next begins; moving one diagnoses anew at once."""
    folded = st.expander(
        "**Thresholds of the doctor**", key="training/doctor", on_change="rerun", icon=":material/tune:"
    )
    if not folded.open:
        return
    with folded:
        st.caption(
            "Teaching defaults, tuned on a few runs on FashionMNIST. Another data set, another loss or a longer run "
            "may want others: move one, and the doctor looks again."
        )
        for place in range(0, len(_FIELDS), 3):
            for column, field in zip(st.columns(3, gap="medium"), _FIELDS[place : place + 3], strict=False):
                with column:
                    _slider(state, field)
        st.button(
            "Back to the defaults",
            key="training/doctor/reset",
            icon=":material/restart_alt:",
            on_click=lambda: _forget(state),
            disabled=thresholds_of(state) == Thresholds(),
        )


def _slider(state: TrainingState, field: _Field) -> None:
    key = f"training/doctor/{field.name}"
    whole = isinstance(field.step, int)
    value = field.shown(getattr(thresholds_of(state), field.name))
    st.session_state[key] = round(value) if whole else float(value)

    def moved() -> None:
        state.kept[key] = st.session_state[key]

    st.slider(
        field.label,
        field.low,
        field.high,
        step=field.step,
        key=key,
        format=f"{'%d' if whole else '%g'} {field.unit.replace('%', '%%')}".rstrip(),
        help=field.meaning,
        on_change=moved,
    )


def _forget(state: TrainingState) -> None:
    for field in _FIELDS:
        state.kept.pop(f"training/doctor/{field.name}", None)


def thresholds_of(state: TrainingState) -> Thresholds:
    """Where one verdict ends and the next begins, as this page has it."""
    moved = {
        field.name: field.meant(state.kept[key])
        for field in _FIELDS
        if (key := f"training/doctor/{field.name}") in state.kept
    }
    return Thresholds(**moved)  # type: ignore[arg-type]


def _stopped_early(snapshot: RunSnapshot) -> None:
    result = snapshot.result
    if result is None or result.stopped_early is None:
        return
    patience = wording.count(snapshot.settings.early_stopping, "epoch", "epochs")
    best = (
        f"Epoch {result.best_epoch} was best: its weights are kept, and all that stands below was measured with them."
        if result.best_epoch is not None
        else "No epoch had a validation loss that is a finite number."
    )
    st.info(
        f"Stopped early, after epoch {result.stopped_early} of {snapshot.settings.epochs}: validation had not "
        f"improved for {patience}. {best}",
        icon=":material/front_hand:",
    )
