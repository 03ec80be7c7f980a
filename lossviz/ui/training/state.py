"""Where the training page keeps its state: the session holds it, the link follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import streamlit as st

from lossviz.losses.link import quoted
from lossviz.training import compare_link
from lossviz.training.compare_link import COMPARE
from lossviz.training.jobs import JobManager, QueueError
from lossviz.training.limits import Limits
from lossviz.training.link import checked, checked_argument, from_link, to_link
from lossviz.training.objectives import catalogue
from lossviz.training.objectives.argument import Argument, Value
from lossviz.training.presets import ALL_PRESETS, TrainingPreset
from lossviz.training.race import MOST_RUNS
from lossviz.training.settings import LEARNING_RATES, RANGES, Settings, SettingsError
from lossviz.ui.page_link import PageLink
from lossviz.ui.training.owner import owner
from lossviz.ui.training.session import KEY

RUN = "run"

Shown = tuple[str | None, tuple[str, ...]]
"""The run shown by itself, and those shown side by side."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed into a field and could not be taken.

    Attributes:
        text: What was typed.
        problem: Why it was not taken; plain text.
    """

    text: str
    problem: str


@dataclass
class TrainingState:
    """The training page of one session.

    Attributes:
        settings: What the next run would train. Every value is in its range; whether they go together is
            `Settings.parse`'s to say.
        run_id: The run shown, or None.
        compare: The runs shown side by side; none or at least two.
        owner: Who this browser is to the job manager. Known to nobody else, so nobody else can stop its runs.
        problems: What could not be used or done.
        refused: What was typed and not taken, by the setting or the argument of the loss that it was for.
        link: The page's address.
        kept: What the page's other widgets were set to when last seen, by name.
        parts: Which parts of the pipeline somebody has opened or folded.
    """

    settings: Settings = field(default_factory=Settings)
    run_id: str | None = None
    compare: tuple[str, ...] = ()
    owner: str = field(default_factory=lambda: owner())
    problems: tuple[str, ...] = ()
    refused: dict[str, Refused] = field(default_factory=dict)
    link: PageLink = field(default_factory=PageLink)
    kept: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, bool] = field(default_factory=dict)

    def set(self, name: str, text: str) -> None:
        """Take one setting over from a widget; what cannot be used leaves it as it was and is told, at its field."""
        value, problem = checked(name, text)
        if problem is not None and name not in RANGES:
            self.problems = (f"{problem} It stays as it was.",)
            return
        if self.refuse(name, text, problem):
            return
        changed: dict[str, Any] = {name: value}
        # A learning rate that nobody chose follows the optimiser.
        if name == "optimizer" and self.settings.learning_rate == LEARNING_RATES[self.settings.optimizer]:
            changed["learning_rate"] = LEARNING_RATES[str(value)]
            self.refused.pop("learning_rate", None)
        self.settings = replace(self.settings, **changed)

    def refuse(self, name: str, text: str, problem: str | None) -> bool:
        """Remember what was typed for a setting if there is a problem with it, forget it if there is none.

        Returns:
            Whether there is a problem.
        """
        self.problems = ()
        if problem is None:
            self.refused.pop(name, None)
        else:
            self.refused[name] = Refused(text, problem)
        return problem is not None

    def set_task(self, task: str) -> None:
        """Take another task, with the same loss if it trains there, else with the task's first."""
        known = catalogue.losses(task)
        self._take_loss(self.settings.loss if self.settings.loss in known else known[0], task)

    def set_loss(self, loss: str) -> None:
        """Take another loss of the task; arguments that both have keep their values."""
        self._take_loss(loss, self.settings.task)

    def _take_loss(self, loss: str, task: str) -> None:
        try:
            self.settings = self.settings.with_loss(loss, task)
        except SettingsError as error:
            self.problems = tuple(f"{problem} It stays as it was." for problem in error.problems)
        else:
            self.problems = ()
            self.refused = {name: each for name, each in self.refused.items() if name in RANGES}

    def set_argument(self, name: str, text: str) -> None:
        """Take one of the loss's arguments over; what cannot be used leaves it as it was and is told."""
        argument = self.settings.spec.argument(name)
        if argument is None:  # the loss has changed meanwhile
            return
        value, problem = checked_argument(argument, text)
        if not self.refuse(name, text, problem):
            self._take_argument(argument, cast("Value", value))

    def set_weight(self, name: str, place: int, text: str) -> None:
        """Take over the number of one class; what cannot be used leaves it as it was and is told."""
        argument = self.settings.spec.argument(name)
        if argument is None or argument.kind != "weights":  # the loss has changed meanwhile
            return
        value, problem = checked_argument(replace(argument, kind="number"), text)
        if not self.refuse(f"{name}/{place}", text, problem):
            weights = list(cast("tuple[float, ...]", self.settings.argument(name)))
            weights[place] = cast("float", value)
            self._take_argument(argument, tuple(weights))

    def _take_argument(self, argument: Argument, value: Value) -> None:
        others = {key: known for key, known in self.settings.arguments.items() if key != argument.name}
        self.settings = replace(
            self.settings, arguments=others if value == argument.default else {**others, argument.name: value}
        )

    def apply(self, preset: TrainingPreset) -> None:
        """Take over a preset; which data to take stays."""
        self.settings = replace(preset.settings, data=self.settings.data)
        self.problems, self.refused = (), {}

    @property
    def preset(self) -> TrainingPreset | None:
        """The preset that the settings are, if they are one."""
        return next(
            (p for p in ALL_PRESETS if replace(p.settings, data=self.settings.data) == self.settings), None
        )

    def faults(self, limits: Limits) -> list[str]:
        """Why the settings cannot be trained with, or not on this server; empty where they can."""
        try:
            Settings.parse(self.settings.as_dict())
        except SettingsError as error:
            return [*error.problems, *limits.problems(self.settings)]
        return limits.problems(self.settings)

    def train(self, jobs: JobManager) -> None:
        """Start a run, or queue it, and show it."""
        try:
            self.run_id = jobs.submit(self.settings, self.owner)
        except SettingsError as error:
            self.problems = tuple(error.problems)
        except QueueError as error:
            self.problems = (str(error),)
        else:
            self.problems, self.compare = (), ()

    @property
    def shown(self) -> Shown:
        """Which runs the page shows: a part of it that runs alone begins the whole page when it is others."""
        return self.run_id, self.compare

    def show(self, run_id: str) -> None:
        """Show another run."""
        self.run_id, self.compare, self.problems = run_id, (), ()

    def show_together(self, run_ids: Sequence[str]) -> None:
        """Show runs side by side, or no longer where there are none."""
        self.compare, self.problems = tuple(run_ids), ()
        if run_ids:
            self.run_id = None

    def write_link(self) -> None:
        """Let the address bar follow the page."""
        link = to_link(self.settings) | ({RUN: self.run_id} if self.run_id else {})
        link |= compare_link.to_link(self.compare)
        self.link.write(link, means=link.__eq__)


def open_state(jobs: JobManager) -> TrainingState:
    """The page as the link asks for it or as this session left it.

    A link counts at the first visit, when somebody follows another one, and on the browser's way back.
    """
    state: TrainingState | None = st.session_state.get(KEY)
    first_visit = state is None
    if state is None:
        state = st.session_state[KEY] = TrainingState()
    asked = state.link.to_follow()
    if first_visit:
        _follow(state, asked or {}, jobs)
        if state.run_id is None and not state.compare:
            # A reload elsewhere forgets the runs that this browser has going; they are still the browser's own.
            going = jobs.going(state.owner)
            state.run_id = going[0] if len(going) == 1 else None
            state.compare = tuple(going[:MOST_RUNS]) if len(going) > 1 else ()
    elif asked is not None:
        _follow(state, asked, jobs)
    return state


def _follow(state: TrainingState, asked: Mapping[str, str], jobs: JobManager) -> None:
    run_id = asked.get(RUN)
    wanted = {name: text for name, text in asked.items() if name not in (RUN, COMPARE)}
    opened = from_link(wanted)
    state.settings, problems = opened.settings, list(opened.problems)
    state.refused = {}
    compared, unusable = compare_link.from_link(
        asked.get(COMPARE, ""), lambda each: jobs.header(each) is not None
    )
    problems += unusable
    state.compare = compared if len(compared) > 1 else ()
    if compared and run_id is None:
        first = jobs.header(compared[0])
        state.run_id = None if state.compare else compared[0]
        state.settings = first.settings if first is not None and not wanted else state.settings
    if run_id is not None:
        snapshot = jobs.snapshot(run_id)
        if snapshot is None:
            problems.append(
                f"No run {quoted(run_id)} is known here: it was removed, or made room for newer ones. "
                "Check the link, or train again with the settings below."
            )
        elif not wanted:
            state.settings = snapshot.settings
        state.run_id = run_id if snapshot is not None else state.run_id
    state.problems = tuple(problems)
    if "loss" in wanted and run_id is None:
        # Whoever comes with a loss wants to see at first sight what became of it.
        state.parts |= {"Data": False, "Network": False, "Loss": True}
