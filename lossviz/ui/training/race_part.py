"""A fair race: runs that differ in one thing, asked for with one click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from lossviz.training import race
from lossviz.training.jobs import JobManager, QueueError
from lossviz.training.objectives.mistakes import MISTAKES, NONE
from lossviz.training.settings import Settings, SettingsError
from lossviz.ui.messages import plain, problems
from lossviz.ui.training import wording
from lossviz.ui.training.part import part
from lossviz.ui.training.state import TrainingState

_FIELDS: Final[Mapping[str, str]] = {
    "model": "network",
    "optimizer": "optimiser",
    "train_size": "images",
    "mistake": "bug on purpose",
}
"""What is called otherwise than the setting's name says."""

_BRINGS: Final[Mapping[str, str]] = {
    "model": "Different networks cannot begin with the same weights; the batches are the same.",
    "batch_size": "Other batch sizes make other batches; the first weights are the same.",
    "train_size": "More images are other batches, and other validation images; the first weights are the same. "
    "Compare on the test images.",
    "label_noise": "The same images come in the same order, under other labels.",
    "seed": "Another seed is other first weights, other batches and other validation images: such a race shows how "
    "much is luck.",
}
"""What cannot be the same in a race of this field."""


def field_name(field: str) -> str:
    """What a setting is called in a sentence.

    >>> field_name("learning_rate"), field_name("model")
    ('learning rate', 'network')
    """
    return _FIELDS.get(field, field.replace("_", " "))


def value_name(settings: Settings, field: str) -> str:
    """What the value of a setting is called; plain text.

    >>> value_name(Settings(), "model"), value_name(Settings(), "learning_rate")
    ('Small CNN', '0.005')
    """
    return _shown(field, race.value_text(settings, field))


def _shown(field: str, text: str) -> str:
    titles: Mapping[str, Mapping[str, str]] = {
        "model": wording.MODELS,
        "optimizer": wording.OPTIMIZERS,
        "schedule": wording.SCHEDULES,
        "mistake": {NONE: "no bug", **{key: mistake.title for key, mistake in MISTAKES.items()}},
    }
    return titles.get(field, {}).get(text, text)


def race_part(state: TrainingState, jobs: JobManager) -> None:
    """Choose what differs and its values; one click lets them all train."""
    inside = part(state, "Race", "let runs that differ in one thing train, and compare them")
    if inside is None:
        return
    with inside:
        base = state.settings
        known = race.fields(base)
        if not known:
            st.caption("The settings above cannot be trained with, so nothing can be raced yet.")
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            field = _field(state, known)
            values = _values(state, base, field, jobs.limits.race_runs)
        _start(state, jobs, field, values)


def _field(state: TrainingState, known: Sequence[str]) -> str:
    key = "training/race/field"
    kept = state.kept.get("race/field", known[0])
    st.session_state[key] = kept if kept in known else known[0]

    def chosen() -> None:
        state.kept["race/field"] = st.session_state[key]
        state.problems = ()

    picked = st.selectbox(
        "The runs differ in", known, format_func=field_name, key=key, on_change=chosen, width=220
    )
    return str(picked)


def _values(state: TrainingState, base: Settings, field: str, most: int) -> list[str]:
    """The values chosen; they stay, field by field, whatever else is set meanwhile."""
    key, kept = f"training/race/values/{base.task}/{field}", f"race/values/{base.task}/{field}"
    st.session_state[key] = list(state.kept.get(kept, race.suggested(base, field)))

    def chosen() -> None:
        state.kept[kept] = list(st.session_state[key])
        state.problems = ()

    typed = race.open_ended(base, field)
    options = list(dict.fromkeys([*race.offered(base, field), *st.session_state[key]]))
    return st.multiselect(
        f"Values, {race.LEAST_RUNS} to {most}" + ("; others can be typed" if typed else ""),
        options,
        format_func=lambda text: _shown(field, text),
        key=key,
        on_change=chosen,
        accept_new_options=typed,
        # Else Enter would take 0.005 for a 5 that was typed, or all values that look alike.
        filter_mode="prefix" if typed else "fuzzy",
        select_all=not typed,
        max_selections=most,
        placeholder="Choose values",
    )


def _start(state: TrainingState, jobs: JobManager, field: str, values: list[str]) -> None:
    try:
        runs = race.build(state.settings, field, values, jobs.limits.race_runs)
    except SettingsError as error:
        runs = []
        problems(error.problems, ":material/tune:")
    if runs:
        st.caption(_what(jobs, field, runs))
    busy = bool(jobs.going(state.owner))
    st.button(
        f"Race {len(runs)} runs" if runs else "Race",
        icon=":material/sports_score:",
        key="training/race/start",
        on_click=_race(state, jobs, field, runs),
        disabled=busy or not runs,
        help="A run of this browser is going on; stop it or wait." if busy else None,
    )


def _what(jobs: JobManager, field: str, runs: Sequence[Settings]) -> str:
    """What is going to happen, in Markdown."""
    at_once = jobs.limits.runs_at_once
    how = "one after the other" if at_once == 1 else f"{min(at_once, len(runs))} at a time"
    first = runs[0]
    words = [
        f"{len(runs)} runs, {how}. All else as above, for each of them: "
        + ", ".join(
            text
            for text, own in (
                (wording.count(first.train_size, "image", "images"), "train_size"),
                (wording.count(first.epochs, "epoch", "epochs"), "epochs"),
                (f"seed {first.seed}", "seed"),
            )
            if own != field
        )
        + "."
    ]
    words.append(_BRINGS.get(field, "They begin with the same weights and see the same batches."))
    others = [name for name in race.differing(runs) if name != field]
    if field == "optimizer" and others:
        rates = ", ".join(f"{value_name(run, field)} {value_name(run, 'learning_rate')}" for run in runs)
        words.append(
            f"Each takes its usual learning rate: {rates}. Set another one above, and all take that."
        )
    elif others:
        words.append(
            f"Not all of them can take the {' and the '.join(field_name(name) for name in others)} set above: "
            "it differs too."
        )
    if not race.same_loss(runs):
        words.append("Their losses mean different things, so they are judged by what can be compared.")
    return plain(" ".join(words))


def _race(state: TrainingState, jobs: JobManager, field: str, runs: Sequence[Settings]) -> Callable[[], None]:
    def start() -> None:
        names = [
            value_name(run, field)
            if field in ("loss", "model")
            else f"{field_name(field)} {value_name(run, field)}"
            for run in runs
        ]
        try:
            started = jobs.submit_race(runs, state.owner, names)
        except SettingsError as error:
            state.problems = tuple(error.problems)
        except QueueError as error:
            state.problems = (str(error),)
        else:
            state.show_together(started)

    return start
