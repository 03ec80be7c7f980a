"""A small batch of a loss: each row's loss and share of the gradient, and what ``mean`` divides by.

Everything comes from the lines that the page prints for the batch, run with one reduction or another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lossviz.losses import checks, script
from lossviz.losses.code_lines import folded
from lossviz.losses.computed_once import computed_once
from lossviz.losses.digits import FORMAT, shown
from lossviz.losses.entry import Batch, LossEntry, Settings
from lossviz.losses.knob import compact, spoken
from lossviz.losses.typed_number import TypedNumberError, read_number
from lossviz.losses.warned import listening

if TYPE_CHECKING:
    import torch

MAX_ROWS = 10
"""A table that fits a projector, and a batch that torch answers at once."""

MOST_ANSWERS = 256
"""So many batches' answers are kept in memory."""

_QUOTED = 40
_WHOLE_BELOW = 2**53
"""Whole numbers are held exactly below this one."""


class NotAskedError(ValueError):
    """A batch that torch must not be asked about, because it would not check it: lossviz's own message."""


@dataclass(frozen=True)
class Mean:
    """What a reduction that divides the sum has divided it by.

    Attributes:
        value: The reduced loss, as torch gives it.
        divisor: Sum ÷ value; NaN where that shows nothing, because one of them is 0 or not finite.
        parts: What each row adds to the divisor; empty if it is no sum over the rows, or cannot be told.
    """

    value: float
    divisor: float
    parts: tuple[float, ...]


@dataclass(frozen=True)
class Answer:
    """What torch says of a batch.

    Attributes:
        values: The loss under the chosen reduction, as the program prints it: one line with one number, or, with
            ``none``, a line for each row.
        losses: One loss a row. Where torch gives a row several elements, their sum.
        elements: How many elements of the loss a row has.
        shares: Each row's part of the gradient: the sum of the absolute derivatives of the reduced loss with
            respect to the row's learned numbers, over the same sum for all rows. With ``none``, which has no
            gradient of its own, that of the sum. Empty if no row has a gradient or one is not finite.
        total: The sum over the rows.
        means: Every other reduction of the loss that gives one number, by its name.
        warnings: What torch warned of, as ``"Category: text"``.
    """

    values: tuple[tuple[float, ...], ...]
    losses: tuple[float, ...]
    elements: int
    shares: tuple[float, ...]
    total: float
    means: Mapping[str, Mean]
    warnings: tuple[str, ...]

    @property
    def printed(self) -> tuple[str, ...]:
        """The lines that the program of this batch prints."""
        return tuple(" ".join(shown(value) for value in line) for line in self.values)


@dataclass(frozen=True)
class Table:
    """A table as it can be used.

    Attributes:
        rows: A setting for each row, every key of the batch filled; empty if there are problems.
        problems: What cannot be used, a line for each.
        notes: What was read otherwise than it stands there, a sentence each.
    """

    rows: tuple[Settings, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def start_rows(entry: LossEntry) -> list[dict[str, float | str]]:
    """The rows that the panel starts with, every key of the batch filled.

    Raises:
        ValueError: If the loss takes no batch that fits a table.
    """
    defaults = entry.defaults
    return [{key: row.get(key, defaults[key]) for key in entry.batch_keys} for row in batch_of(entry).rows]


def batch_of(entry: LossEntry) -> Batch:
    """The batch of an entry.

    Raises:
        ValueError: If the loss takes no batch that fits a table.
    """
    if entry.batch is None:
        raise ValueError(f"{entry.name} takes no batch that fits a table")
    return entry.batch


def constructor_settings(entry: LossEntry, settings: Settings) -> dict[str, float | str]:
    """The part of a setting that the constructor's arguments are made from; the reduction is the batch's own."""
    sources = [source for name, source in entry.parameters.items() if name != "reduction"]
    return {source: settings[source] for source in sources if isinstance(source, str)}


def read(entry: LossEntry, records: Sequence[Mapping[str, object]]) -> Table:
    """Take a table as somebody has filled it in.

    Args:
        entry: The loss.
        records: For each row, what stands in its cells: text, read as :mod:`lossviz.losses.typed_number` says, or
            a number; None or a NaN that is no text for an empty one.
    """
    if not records:
        return Table((), ("The table has no rows. Add one: the mean of no rows is 0 / 0.",))
    if len(records) > MAX_ROWS:
        surplus = len(records) - MAX_ROWS
        said = f"The table has {len(records)} rows, and the panel takes {MAX_ROWS}. Take away {surplus}."
        return Table((), (said,))
    rows: list[Settings] = []
    problems: list[str] = []
    notes: list[str] = []
    for number, record in enumerate(records, start=1):
        row: dict[str, float | str] = {}
        for key in entry.batch_keys:
            try:
                value = row[key] = _cell(entry, key, record.get(key))
            except ValueError as problem:
                problems.append(f"Row {number}, {spoken(key)}: {problem}")
                continue
            typed = record.get(key)
            if isinstance(typed, str) and isinstance(value, float) and "," in typed:
                notes.append(f"Row {number}, {spoken(key)}: {_quoted(typed)} is read as {compact(value)}.")
        rows.append(row)
    return Table((), tuple(problems)) if problems else Table(tuple(rows), notes=tuple(notes))


def program(entry: LossEntry, rows: Sequence[Settings], settings: Settings, reduction: str) -> str:
    """A program that reproduces the loss of a batch, written as :func:`lossviz.losses.digits.shown` writes it.

    Args:
        entry: The loss.
        rows: A setting for each row, see :func:`read`.
        settings: What sets the constructor's arguments.
        reduction: The reduction; with ``none`` the program prints a line for each row.
    """
    if reduction == "none":
        last = [
            "for row in loss.reshape(len(loss), -1).tolist():",
            f'    print(*(f"{{value:{FORMAT}}}" for value in row))',
        ]
    else:
        last = [f'print(f"{{loss.item():{FORMAT}}}")']
    lines = [
        *script.imports(entry),
        "",
        *script.tensors(entry, rows, gradient=False),
        "",
        *_body(entry, settings, reduction),
        *last,
    ]
    return "\n".join(map(folded, lines))


def evaluate(entry: LossEntry, rows: Sequence[Settings], settings: Settings, reduction: str) -> Answer:
    """Ask torch about a batch.

    Args:
        entry: The loss.
        rows: At least one row, see :func:`read`.
        settings: What sets the constructor's arguments.
        reduction: One of the reductions of the entry's batch.

    Raises:
        NotAskedError: If torch would not check what is wrong with the batch, and may read outside its memory.
        Exception: Whatever torch raises.
    """
    # By the lines that are run, which tell apart what is equal in Python, such as 0 and -0.
    lines = tuple(script.tensors(entry, rows))
    return _evaluated(
        entry, lines, len(rows), tuple(constructor_settings(entry, settings).items()), reduction
    )


@computed_once(maxsize=MOST_ANSWERS)
def _evaluated(
    entry: LossEntry,
    tensors: tuple[str, ...],
    rows: int,
    constructor: tuple[tuple[str, float | str], ...],
    reduction: str,
) -> Answer:
    """The answer to a batch: an open batch is asked again whenever something else on its page has moved."""
    reductions = batch_of(entry).reductions
    _check(entry, tensors, rows)
    call = _Call(entry, dict(constructor), script.run(tensors, {}), rows)
    everything = range(rows)
    with listening() as warned:
        names = call(reduction, everything)
    heard = tuple(dict.fromkeys(warned))
    loss: torch.Tensor = names[script.LOSS]
    with listening():
        elements = call("none", everything)[script.LOSS].detach().reshape(rows, -1)
        means = {name: call.mean(name) for name in reductions if name not in ("none", "sum")}
        total = call.sum(everything)
    values = elements.tolist() if reduction == "none" else [[loss.item()]]
    return Answer(
        values=tuple(tuple(line) for line in values),
        losses=tuple(elements.sum(dim=1).tolist()),
        elements=elements.shape[1],
        shares=_shares(entry, names),
        total=total,
        means=means,
        warnings=heard,
    )


def _check(entry: LossEntry, tensors: tuple[str, ...], rows: int) -> None:
    """Refuse what torch must not be asked.

    Raises:
        NotAskedError: With the reason.
    """
    try:
        checks.not_empty(rows, entry.name)
    except ValueError as reason:
        raise NotAskedError(str(reason)) from None
    check = batch_of(entry).check
    if check:
        names = script.run([*tensors, *entry.steps], {})
        names["checks"] = checks
        try:
            script.run([f"checks.{check}"], names)
        except ValueError as reason:
            raise NotAskedError(str(reason)) from None


class _Call:
    """The loss of some of the rows of a batch."""

    def __init__(self, entry: LossEntry, settings: Settings, names: Mapping[str, Any], rows: int) -> None:
        self._entry, self._settings, self._names, self._rows = entry, settings, names, rows

    def __call__(self, reduction: str, kept: Sequence[int]) -> dict[str, Any]:
        """Run the lines of the loss; their names, the arguments' tensors among them."""
        names: dict[str, Any] = {}
        for argument in self._entry.arguments:
            tensor = self._names[argument.name].detach()[list(kept)]
            names[argument.name] = tensor.requires_grad_() if argument.learned else tensor
        return script.run(_body(self._entry, self._settings, reduction), names)

    def value(self, reduction: str, kept: Sequence[int]) -> float:
        return float(self(reduction, kept)[script.LOSS].sum().item())

    def sum(self, kept: Sequence[int]) -> float:
        """Torch's own sum, or that of the rows where the loss has no such reduction."""
        return self.value("sum" if "sum" in batch_of(self._entry).reductions else "none", kept)

    def mean(self, reduction: str) -> Mean:
        """What a reduction divides by: torch is asked for the whole batch, and for all rows but one."""
        everything = list(range(self._rows))
        divisor = self._divisor(reduction, everything)
        rest = [self._divisor(reduction, [r for r in everything if r != row]) for row in everything]
        return Mean(self.value(reduction, everything), divisor, _parts(divisor, rest))

    def _divisor(self, reduction: str, kept: Sequence[int]) -> float:
        if not kept:
            return 0.0
        total, mean = self.sum(kept), self.value(reduction, kept)
        return total / mean if mean and total and math.isfinite(total / mean) else math.nan


def _parts(divisor: float, rest: Sequence[float]) -> tuple[float, ...]:
    """What each row adds to a divisor, from what is left of it without the row."""
    parts = [_rounded(divisor - without) for without in rest]
    unknown = [place for place, part in enumerate(parts) if math.isnan(part)]
    if len(unknown) == 1:
        # All other rows have a loss of 0, or none that counts: what they leave is this one's.
        parts[unknown[0]] = _rounded(divisor - sum(part for part in parts if not math.isnan(part)))
    whole = math.isclose(sum(parts), divisor, rel_tol=1e-3)
    return tuple(parts) if whole and all(part >= 0 for part in parts) else ()


def _rounded(part: float) -> float:
    """A part without the rounding error of float32."""
    return round(part, 3) + 0.0


def _body(entry: LossEntry, settings: Settings, reduction: str) -> list[str]:
    return script.body(entry, settings, reduction, per_row=reduction == "none")


def _shares(entry: LossEntry, names: Mapping[str, Any]) -> tuple[float, ...]:
    names[script.LOSS].sum().backward()
    pulls: list[float] = []
    for argument in entry.arguments:
        gradient = names[argument.name].grad if argument.learned else None
        if gradient is not None:
            own = gradient.double().abs().reshape(len(gradient), -1).sum(dim=1).tolist()
            pulls = [a + b for a, b in zip(pulls, own, strict=True)] if pulls else own
    whole = sum(pulls)
    return tuple(pull / whole for pull in pulls) if whole and math.isfinite(whole) else ()


def _cell(entry: LossEntry, key: str, value: object) -> float | str:
    """A cell as a setting.

    Raises:
        ValueError: What is wrong with it.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)) or not str(value).strip():
        raise ValueError("the cell is empty.")
    option = entry.option(key)
    if option:
        if str(value) not in option.choices:
            raise ValueError(f"{_quoted(value)} is not one of {', '.join(option.choices)}.")
        return str(value)
    try:
        number = float(value) if isinstance(value, int | float) else read_number(str(value))
    except TypedNumberError as problem:
        raise ValueError(f"{_quoted(value)} {problem.why}. {problem.hint}".strip()) from None
    whole = any(key in argument.elements and argument.dtype != "float32" for argument in entry.arguments)
    if whole and not (number.is_integer() and abs(number) < _WHOLE_BELOW):
        raise ValueError(
            f"{_quoted(value)} is no whole number that torch's int64 takes: write one such as 0 or 2."
        )
    return number


def _quoted(value: object) -> str:
    text = str(value)
    return f"“{text}”" if len(text) <= _QUOTED else f"“{text[: _QUOTED - 1]}…”"
