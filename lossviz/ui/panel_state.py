"""Where a loss panel keeps its state: the session holds it, the link follows it.

The charts' sliders live in the browser. A ``generation`` counts how often the server has set them (a link,
a preset, a reset, another loss); it is part of the chart's key, so the chart is made anew exactly then. It counts
around: Streamlit remembers every key of a session for good, so keys that never came again would fill the memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from lossviz.charts.slider_state import chosen
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import Chosen, LossEntry, Preset, Settings
from lossviz.losses.knob import Knob
from lossviz.losses.link import Elsewhere, PanelState, from_link, knob_value, to_link
from lossviz.ui.page_link import FURTHEST_BEHIND, PageLink


@dataclass
class Panel:
    """The panel of one category page in one session.

    Attributes:
        category: The page; the home page has a small panel too.
        entry: The loss shown.
        start: The knobs as the server last set them.
        overlays: The sibling losses laid over the curve.
        generation: How often the server has set the knobs, counted around.
        moved: Every knob's latest value and every option's latest label by key, also those of the losses shown
            before.
        problems: What of the link could not be used.
        elsewhere: The link's loss if it stands on another page; worth saying as long as the problems are.
        framed: The preset that the server last set, if any: its windows stay until the server sets the knobs again.
        link: The page's address.
        batch: What the constructor of the batch below was made from; None while no batch is shown.
        projector: Whether the panel is shown as large as a projector needs it.
        hidden: Whether the number is hidden there, for a class to guess.
        typed: Why the number that was typed last is not the one that is shown; empty if it is.
    """

    category: str
    entry: LossEntry
    start: dict[str, float]
    overlays: tuple[str, ...]
    generation: int = 0
    moved: dict[str, float | str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    elsewhere: Elsewhere | None = None
    framed: Preset | None = None
    link: PageLink = field(default_factory=PageLink)
    batch: Settings | None = None
    projector: bool = False
    hidden: bool = False
    typed: tuple[str, ...] = ()

    @property
    def state(self) -> PanelState:
        """What the panel shows now."""
        return PanelState(self.entry, {key: self.moved[key] for key in self.entry.defaults}, self.overlays)

    @property
    def chosen(self) -> Chosen:
        """The choices of the options now."""
        return self.entry.chosen(self.moved)

    @property
    def moved_since_set(self) -> bool:
        """Whether the hand has moved a knob since the server last set it."""
        return any(self.moved[key] != value for key, value in self.start.items())

    @property
    def picture_key(self) -> str:
        """The key of the picture.

        The style sheet and the page's scripts know a picture that a hand can move by the first word.
        """
        return f"picture/{self.category}/{self.entry.name}/{self.generation}"

    def take_over_knobs(self) -> None:
        """Take over what the browser reports of the picture's sliders."""
        event = st.session_state.get(self.picture_key)
        if event is not None:
            self.move(chosen(event.selection, self.entry.knobs))
        elif self.moved_since_set:
            # The picture was away, on another page: it starts where the hand has left it.
            self.set(self.state)

    def move(self, settings: Settings) -> None:
        """Take over the knobs that the hand has moved, or the options that a widget has set."""
        self.moved.update(settings)

    def set(self, state: PanelState) -> None:
        """Show a state, moving the sliders to it."""
        self.entry, self.overlays = state.entry, state.overlays
        self.moved.update(state.settings)
        self.start = {knob.key: float(state.settings[knob.key]) for knob in state.entry.knobs}
        self.typed = ()
        self.framed = state.entry.preset_at(state.settings)
        self.generation = (self.generation + 1) % FURTHEST_BEHIND

    def switch(self, name: str) -> None:
        """Show another loss; knobs and options that both have keep their values, others the last they had."""
        entry = catalogue()[name]
        settings: dict[str, float | str] = {
            knob.key: knob.snap(float(self.moved.get(knob.key, knob.default))) for knob in entry.knobs
        }
        for option in entry.options:
            last = str(self.moved.get(option.key, option.default))
            settings[option.key] = last if last in option.choices else option.default
        self.set(PanelState(entry, settings, tuple(o for o in entry.overlays if o in self.overlays)))

    def reset(self) -> None:
        """Show the loss at its defaults, with nothing laid over it."""
        self.set(PanelState(self.entry, self.entry.defaults))
        self.problems = ()

    def apply(self, preset: Preset) -> None:
        """Show a preset."""
        self.set(PanelState(self.entry, self.entry.defaults | dict(preset.settings), preset.overlays))

    def step(self, by: int) -> None:
        """Show another preset; around at the ends.

        Args:
            by: 1 for the next one, -1 for the one before. Where no preset is shown, they are the first and the last.
        """
        presets, now = self.entry.presets, self.entry.preset_at(self.state.settings)
        start = presets.index(now) if now else min(-by, 0)
        self.apply(presets[(start + by) % len(presets)])

    def show_large(self, *, large: bool) -> None:
        """Show the panel as large as a projector needs it, or as usual; what it shows stays."""
        self.projector, self.hidden = large, False
        self.set(self.state)

    def take_typed(self, knob: Knob, text: str) -> None:
        """Move a knob to the number that was typed for it, or say why not."""
        problems: list[str] = []
        value = knob_value(knob, text, problems, now=float(self.moved[knob.key]))
        if value != self.moved[knob.key]:
            self.moved[knob.key] = value
            self.set(self.state)
        self.typed = tuple(problems)

    def hide(self, *, hidden: bool) -> None:
        """Hide the number on a projector, or reveal it."""
        self.hidden = hidden

    def write_link(self) -> None:
        """Let the address bar follow the panel."""

        def means(link: Mapping[str, str]) -> bool:
            opened = from_link(self.category, link)
            return (opened.state, opened.projector) == (self.state, self.projector)

        self.link.write(to_link(self.state, projector=self.projector), means)


def open_panel(category: str) -> Panel:
    """The panel of a page, as the link asks for it or as this session left it.

    A link counts at the first visit, when somebody follows another one, and on the browser's way back.
    """
    key = f"panel/{category}"
    panel: Panel | None = st.session_state.get(key)
    link = PageLink() if panel is None else panel.link
    asked = link.to_follow()
    if panel is None or asked is not None:
        opened = from_link(category, asked or {})
        if panel is None:
            panel = Panel(category, opened.state.entry, {}, (), link=link)
        panel.set(opened.state)
        panel.projector = opened.projector
        panel.hidden = panel.hidden and opened.projector
        panel.problems, panel.elsewhere = opened.problems, opened.elsewhere
        st.session_state[key] = panel
    elif not st.query_params:
        # Back from another page: what was wrong with an old link no longer matters.
        panel.problems = ()
    return panel
