"""What a loss is to lossviz: its torch call, its knobs, its formula and the text that teaches it, as data.

An entry names torch's class instead of importing it, so that the whole catalogue can be read before torch
is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lossviz.losses.knob import Knob


@dataclass(frozen=True)
class Argument:
    """A tensor that the loss is called with.

    Attributes:
        name: Its name in the code, for instance ``"prediction"``.
        knobs: The keys of the knobs that fill it. One knob makes a tensor of shape (1,); several make the
            classes or dimensions of one sample, shape (1, len(knobs)).
        learned: Whether the network is trained through it, that is whether its gradient is shown.
        dtype: ``"float32"`` or, for class indices, ``"int64"``.
    """

    name: str
    knobs: tuple[str, ...]
    learned: bool = False
    dtype: str = "float32"


@dataclass(frozen=True)
class Branch:
    """One case of a piecewise formula, in the notation of :mod:`lossviz.losses.formula`.

    Attributes:
        when: The condition under which the case applies; empty if it always does.
        loss: The value of the loss per element.
        gradient: Its derivative with respect to the first knob. The number beside it is torch's own.
        name: What the case is called, for instance ``"linear"``.
    """

    when: str
    loss: str
    gradient: str
    name: str


@dataclass(frozen=True)
class Zone:
    """A stretch of the first knob's axis that is shaded, its ends as formulas in the knobs."""

    start: str
    end: str
    label: str


@dataclass(frozen=True)
class Kink:
    """A point of the first knob's axis where the gradient jumps.

    Attributes:
        at: Where, as a formula in the knobs.
        when: The condition under which it is there; empty if always.
    """

    at: str
    when: str = ""


@dataclass(frozen=True)
class Preset:
    """A setting worth a lecture.

    Attributes:
        key: Its name in tests and keys.
        title: What the button says.
        lesson: What to look at and why, one or two sentences.
        knobs: The values it sets; the other knobs go back to their defaults.
        overlays: The sibling losses that it lays over the curve.
    """

    key: str
    title: str
    lesson: str
    knobs: Mapping[str, float]
    overlays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Correction:
    """A piece of folklore and what is true, with code that shows it.

    Attributes:
        claim: What is often said.
        fact: What holds instead.
        code: A snippet that starts with its imports and prints the evidence.
        prints: What the snippet prints; a test runs it.
    """

    claim: str
    fact: str
    code: str
    prints: str


@dataclass(frozen=True)
class Source:
    """Where the loss is defined or was introduced."""

    title: str
    url: str


# Two entries are the same only if they are one object: that makes an entry a key for caches.
@dataclass(frozen=True, eq=False)
class LossEntry:
    """One loss of PyTorch.

    Attributes:
        name: The class as PyTorch spells it, for instance ``"SmoothL1Loss"``; also its name in links.
        category: The page it stands on.
        rank: Its place on the page, smallest first.
        title: Its everyday name, for the switch.
        summary: What it does, in one sentence.
        use: When to use it, one sentence each.
        avoid: When not to.
        knobs: What the student moves. The first is the axis of the curve.
        arguments: The tensors of the call, in order.
        parameters: Constructor arguments that a knob sets: argument name to knob key.
        branches: The formula, case by case.
        kinks: Where the gradient jumps along the first knob.
        zone: The stretch that is shaded, if any.
        loss_window: The smallest and the largest loss that the picture shows.
        gradient_window: The smallest and the largest gradient that the picture shows.
        overlays: Sibling losses that can be laid over the curve: name of the loss to, for each of its
            knobs that goes by another name here, the key of the knob here.
        presets: Settings worth a lecture.
        corrections: Folklore, corrected.
        sources: Documentation first, then papers.
    """

    name: str
    category: str
    rank: int
    title: str
    summary: str
    use: tuple[str, ...]
    avoid: tuple[str, ...]
    knobs: tuple[Knob, ...]
    arguments: tuple[Argument, ...]
    branches: tuple[Branch, ...]
    presets: tuple[Preset, ...]
    corrections: tuple[Correction, ...]
    sources: tuple[Source, ...]
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    kinks: tuple[Kink, ...] = ()
    zone: Zone | None = None
    loss_window: tuple[float, float] = (0, 8)
    gradient_window: tuple[float, float] = (-4, 4)
    overlays: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def torch_name(self) -> str:
        """The full name of torch's class."""
        return f"torch.nn.{self.name}"

    @property
    def axis(self) -> Knob:
        """The knob along which the curve is drawn."""
        return self.knobs[0]

    @property
    def defaults(self) -> dict[str, float]:
        """The start value of every knob."""
        return {knob.key: knob.default for knob in self.knobs}

    def preset_at(self, knobs: Mapping[str, float]) -> Preset | None:
        """The preset whose knobs stand exactly there, if any."""
        return next((p for p in self.presets if self.defaults | dict(p.knobs) == dict(knobs)), None)

    @property
    def symbols(self) -> dict[str, str]:
        """The LaTeX symbol of every knob."""
        return {knob.key: knob.symbol for knob in self.knobs}

    @property
    def lattice_size(self) -> int:
        """How many points the knobs span."""
        size = 1
        for knob in self.knobs:
            size *= knob.count
        return size
