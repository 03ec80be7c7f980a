"""What a loss is to lossviz: its torch call, its knobs, its formula and the text that teaches it, as data.

An entry names torch's class instead of importing it, so that the whole catalogue can be read before torch
is loaded. The lines of code in it are run as they stand, by :mod:`lossviz.losses.script`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lossviz.losses.knob import Knob
from lossviz.losses.option import Code, Option

Settings = Mapping[str, float | str]
"""A setting of a loss: the value of every knob by its key, and the label of every option's choice."""

Chosen = tuple[tuple[str, str], ...]
"""The options' part of a setting, key and label, in the entry's order; hashable, for caches."""

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Argument:
    """A tensor that the code begins with.

    Attributes:
        name: Its name in the code, for instance ``"prediction"``.
        elements: What fills one sample of it: keys of knobs or options, or numbers. An option whose value
            is a tuple fills as many places.
        learned: Whether the network is trained through it, that is whether its gradient is shown.
        dtype: ``"float32"`` or, for class indices, ``"int64"``.
        vector: Whether a sample is a row even if it has a single element. Several elements always make one:
            the shape is (N, elements), else (N,).
    """

    name: str
    elements: tuple[str | float, ...]
    learned: bool = False
    dtype: str = "float32"
    vector: bool = False


@dataclass(frozen=True)
class Probe:
    """Something else that torch says at a setting, for the picture and the printed code.

    Attributes:
        key: The name of its columns in the lattice: ``key_0``, ``key_1`` ... , or ``key`` if it has one.
        code: The expression, over the names of the code; its value has shape (N, size) or (N,). It is run
            after ``loss.backward()``, so ``logits.grad`` can be used.
        size: How many numbers a sample has.
    """

    key: str
    code: str
    size: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in the lattice."""
        return (self.key,) if self.size == 1 else tuple(f"{self.key}_{place}" for place in range(self.size))


@dataclass(frozen=True)
class Definition:
    """A name that the formulas use for a part, for instance Z for the sum of exponentials.

    Attributes:
        name: The name in formulas.
        symbol: The name in LaTeX.
        formula: What it stands for; may use the definitions before it.
        computed: For a part that the notation cannot say, such as a sum over paths: a function of plain Python
            from the numbers that a formula may use to its value. Then ``formula`` is LaTeX.
        words: What it is, in a few words; empty if the symbol or the formula says it.
    """

    name: str
    symbol: str
    formula: str
    computed: Callable[[Mapping[str, float]], float] | None = None
    words: str = ""


@dataclass(frozen=True)
class Branch:
    """One case of a piecewise formula, in the notation of :mod:`lossviz.losses.formula`.

    Attributes:
        when: The condition under which the case applies; empty if it always does.
        loss: The value of the loss of one sample.
        gradient: Its derivative with respect to the first knob. The number beside it is torch's own.
        name: What the case is called, for instance ``"linear"``.
        why: Where the loss is not finite: why, in a sentence.
        usual: The loss as books write it, in LaTeX, where the notation cannot say it, such as a sum over the classes;
            empty for ``loss`` in symbols.
    """

    when: str
    loss: str
    gradient: str
    name: str
    why: str = ""
    usual: str = ""


@dataclass(frozen=True)
class Zone:
    """A stretch of the first knob's axis that is shaded, its ends as formulas in knobs and options."""

    start: str
    end: str
    label: str


@dataclass(frozen=True)
class Kink:
    """A point of the first knob's axis where the gradient jumps.

    Attributes:
        at: Where, as a formula in knobs and options.
        when: The condition under which it is there; empty if always.
    """

    at: str
    when: str = ""


@dataclass(frozen=True)
class BarGroup:
    """Bars side by side, one for each class or dimension.

    Attributes:
        title: What they show, for instance ``"probability"``.
        columns: The lattice columns of a probe, or keys of knobs.
        labels: What stands under each bar.
        domain: The smallest and the largest value that the picture shows.
        role: The colour, one of the roles of :mod:`lossviz.charts.roles`.
        laid_over: Columns that show what an overlay of the loss shows, to its name: they have its colour.
    """

    title: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    domain: tuple[float, float]
    role: str = "loss"
    laid_over: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True)
class Preset:
    """A setting worth a lecture.

    Attributes:
        key: Its name in tests and keys.
        title: What the button says.
        lesson: What to look at and why, one or two sentences.
        settings: The knobs' values and the options' labels that it sets; the others go back to their defaults.
        overlays: The losses that it lays over the curve.
        windows: The smallest and the largest ``"loss"`` and ``"gradient"`` that the curve shows with it, where what
            the lesson says lies outside the entry's own windows.
    """

    key: str
    title: str
    lesson: str
    settings: Settings
    overlays: tuple[str, ...] = ()
    windows: Mapping[str, tuple[float, float]] = field(default_factory=lambda: MappingProxyType({}))


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
class Edge:
    """An input that breaks a loss or silently misleads.

    Attributes:
        title: The situation, in a few words.
        code: A snippet that starts with its imports; it raises torch's own error or prints the surprise.
        says: What it prints, or ``"ErrorType: text"`` as torch words it. The page shows what torch says when it
            is run there; a test holds the two together.
        sentence: What happened, in one plain sentence.
        fix: What to do instead, in one sentence.
        fixed: The snippet, mended.
        prints: What the mended snippet prints.
        refused: Whether lossviz refuses to run the snippet, because torch does not check it and may read or
            write outside its memory; ``says`` is then lossviz's own message.
    """

    title: str
    code: str
    says: str
    sentence: str
    fix: str
    fixed: str
    prints: str
    refused: bool = False


@dataclass(frozen=True)
class Source:
    """Where the loss is defined or was introduced."""

    title: str
    url: str


@dataclass(frozen=True)
class Batch:
    """What the batch panel starts with.

    Attributes:
        rows: Five to ten samples: for each, a number or an option's label for every key that fills an argument;
            what a row leaves out is at its default.
        divides: What ``mean`` divides the sum by, as the end of the sentence "mean divides the sum by ...".
        reductions: The reductions that the loss has.
        check: What must hold before torch is asked, because torch does not check it: a call of one of
            :mod:`lossviz.losses.checks` over the names that the tensors and the steps make, for instance
            ``"boxes_ordered(predicted_box.tolist())"``; empty if nothing.
    """

    rows: tuple[Settings, ...]
    divides: str = "the number of rows"
    reductions: tuple[str, ...] = ("none", "mean", "sum")
    check: str = ""


# Two entries are the same only if they are one object: that makes an entry a key for caches.
@dataclass(frozen=True, eq=False)
class LossEntry:
    """One loss of PyTorch.

    Attributes:
        name: The class or function as PyTorch spells it, for instance ``"SmoothL1Loss"``; also its name in
            links.
        category: The page it stands on.
        rank: Its place on the page, smallest first.
        title: Its everyday name, for the switch.
        summary: What it does, in one sentence.
        use: When to use it, one sentence each.
        avoid: When not to.
        knobs: What the student moves. The first is the axis of the curve.
        arguments: The tensors that the code begins with, in order.
        branches: The formula, case by case.
        presets: Settings worth a lecture.
        corrections: Folklore, corrected.
        sources: Documentation first, then papers.
        edges: Inputs that break it or silently mislead.
        batch: What the batch panel starts with; None if the loss takes no batch that fits a table.
        module: Where torch keeps it.
        options: What an ordinary widget sets, because it does not fit the lattice.
        parameters: Constructor arguments (of a function: keyword arguments): their name to the key of the knob
            or option that sets them, or to code.
        reduction: The reduction of the one sample that the panel shows.
        steps: Lines of code between the tensors and the constructor. Each works on a batch of samples.
        inputs: The names that the loss is called with; empty for the arguments in order.
        set_up: Lines of code between the constructor and the call.
        call: The call, if it is not ``loss_function(inputs)``.
        row_call: The call that gives one loss for each sample of a batch, for a loss that cannot be asked for
            that by ``reduction="none"``.
        retained: Names made by the steps whose gradients the probes need.
        probes: What else torch says.
        probe_steps: Lines of code after ``loss.backward()`` that only the probes need.
        definitions: Names that the formulas use for parts.
        kinks: Where the gradient jumps along the first knob.
        zone: The stretch that is shaded, if any.
        target_line: Where on the axis the target lies, as a formula; empty if it has no place there.
        loss_window: The smallest and the largest loss that the picture shows.
        gradient_window: The smallest and the largest gradient that the picture shows.
        overlays: Losses of the same page, or variants, that can be laid over the curve: their name to, for each
            of their knobs and options that goes by another name here, the key here.
        reference: The one of them that the curve always shows, if any.
        variants: Other ways to compute the same thing, for overlays: title to entry.
        views: The pictures of the panel from top to bottom, by their names in :mod:`lossviz.charts.picture`.
        bars: Rows of bar groups, for the view ``"bars"``.
        since: The version of torch or torchvision that brought it, if the oldest supported one lacks it.
        aliases: Deprecated names of the same class.
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
    edges: tuple[Edge, ...] = ()
    batch: Batch | None = None
    module: str = "torch.nn"
    options: tuple[Option, ...] = ()
    parameters: Mapping[str, str | Code] = field(default_factory=lambda: _NONE)
    reduction: str = "mean"
    steps: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    set_up: tuple[str, ...] = ()
    call: str = ""
    row_call: str = ""
    retained: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    probe_steps: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    kinks: tuple[Kink, ...] = ()
    zone: Zone | None = None
    target_line: str = ""
    loss_window: tuple[float, float] = (0, 8)
    gradient_window: tuple[float, float] = (-4, 4)
    overlays: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    reference: str = ""
    variants: Mapping[str, LossEntry] = field(default_factory=lambda: MappingProxyType({}))
    views: tuple[str, ...] = ("curve",)
    bars: tuple[tuple[BarGroup, ...], ...] = ()
    since: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def torch_name(self) -> str:
        """The full name of torch's class or function."""
        return f"{self.module}.{self.name}"

    @property
    def is_function(self) -> bool:
        """Whether torch has it as a function, not as a class."""
        return self.name[0].islower()

    @property
    def axis(self) -> Knob:
        """The knob along which the curve is drawn."""
        return self.knobs[0]

    @property
    def knob_defaults(self) -> dict[str, float]:
        """The start value of every knob."""
        return {knob.key: knob.default for knob in self.knobs}

    @property
    def defaults(self) -> dict[str, float | str]:
        """The start value of every knob and the first label of every option."""
        return {**self.knob_defaults, **{option.key: option.default for option in self.options}}

    def knob(self, key: str) -> Knob:
        """A knob by its key.

        Raises:
            KeyError: If the loss has no such knob.
        """
        for knob in self.knobs:
            if knob.key == key:
                return knob
        raise KeyError(key)

    def option(self, key: str) -> Option | None:
        """The option that a key stands for; None if it is a knob's."""
        return next((option for option in self.options if option.key == key), None)

    def chosen(self, settings: Settings) -> Chosen:
        """The options' part of a setting; an option that is not in it is at its default."""
        return tuple((option.key, str(settings.get(option.key, option.default))) for option in self.options)

    def numbers(self, settings: Settings) -> dict[str, float]:
        """The setting as the formulas see it: every knob, and every option that stands for numbers."""
        found = {knob.key: float(settings[knob.key]) for knob in self.knobs}
        for option in self.options:
            found |= option.numbers(str(settings.get(option.key, option.default)))
        return found

    def preset_at(self, settings: Settings) -> Preset | None:
        """The preset whose setting is exactly this, if any."""
        return next((p for p in self.presets if self.defaults | dict(p.settings) == dict(settings)), None)

    @property
    def symbols(self) -> dict[str, str]:
        """The LaTeX symbol of every name that the formulas may use."""
        symbols = {knob.key: knob.symbol for knob in self.knobs}
        for option in self.options:
            symbols |= option.symbols
        return symbols | {definition.name: definition.symbol for definition in self.definitions}

    @property
    def lattice_size(self) -> int:
        """How many points the knobs span."""
        size = 1
        for knob in self.knobs:
            size *= knob.count
        return size

    @property
    def batch_keys(self) -> tuple[str, ...]:
        """The keys of the knobs and options that fill the arguments, in order: the columns of a batch."""
        keys = (e for argument in self.arguments for e in argument.elements if isinstance(e, str))
        return tuple(dict.fromkeys(keys))
