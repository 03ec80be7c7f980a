"""The batch panel: a small table to edit, and what torch makes of it under each reduction."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from lossviz.losses import batch
from lossviz.losses.batch import MAX_ROWS, Answer, NotAskedError, constructor_settings
from lossviz.losses.call import available
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.knob import compact
from lossviz.losses.option import Option
from lossviz.losses.plain_symbol import named
from lossviz.ui.messages import plain, problems
from lossviz.ui.page_link import FURTHEST_BEHIND
from lossviz.ui.panel_state import Panel

_COLUMNS = (5, 4)
_LISTED = 5
"""How many problems of a table are told at once."""


@dataclass
class _Kept:
    """The table of one loss in one session, so that it outlives its widget.

    Attributes:
        latest: The table as it was last seen.
        base: What the widget started with; its edits lie on top of that.
        mounted: How often the widget has been made, counted around (see `lossviz.ui.panel_state`).
    """

    latest: pd.DataFrame
    base: pd.DataFrame
    mounted: int = 0

    def mount(self, base: pd.DataFrame) -> None:
        """Let the widget start anew, from this table: a widget of another key starts without the edits of the last."""
        self.base = base
        self.mounted = (self.mounted + 1) % FURTHEST_BEHIND


def batch_panel(panel: Panel) -> None:
    """Show the batch panel of a loss."""
    entry = panel.entry
    if entry.batch is None or not available(entry):
        st.info(f"{entry.name} takes no batch that fits a table; the panel above shows its one sample.")
        return
    panel.batch = constructor_settings(entry, panel.state.settings)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reduction = _reduction(entry)
        st.button(
            "Rows as at first",
            icon=":material/restart_alt:",
            key=f"rows-reset/{entry.name}",
            on_click=_start_again,
            args=(entry,),
            type="tertiary",
        )
    given = [_given(entry, key, value) for key, value in panel.batch.items()]
    if given:
        st.caption(plain(f"From the panel above: {'; '.join(given)}."))
    # Two rows of columns, so that on a phone the results come right after the table.
    left, right = st.columns(_COLUMNS, gap="medium")
    with left:
        table = batch.read(entry, _edited(entry))
    with right:
        if table.problems:
            _unusable(table.problems)
            return
        try:
            answer = _asked(entry, table.rows, panel.state.settings, reduction)
        except NotAskedError as reason:
            # No program either: nobody should run it.
            st.error(plain(f"lossviz does not ask torch this. {reason}"), icon=":material/block:")
            return
        for note in table.notes:
            st.caption(plain(note))
        if answer:
            _rows(answer)
    left, right = st.columns(_COLUMNS, gap="medium")
    with left:
        if answer:
            _reduced(entry, answer, reduction)
    with right:
        st.code(
            batch.program(entry, table.rows, panel.state.settings, reduction),
            language="python",
            wrap_lines=True,
        )
        if answer:
            printed = "each row's loss, a line a row" if reduction == "none" else answer.printed[0]
            st.caption(f"Run alone, it prints {printed}.")


def _unusable(sentences: tuple[str, ...]) -> None:
    more = len(sentences) - _LISTED
    rest = (f"And {more} more.",) if more > 0 else ()
    problems((*sentences[:_LISTED], *rest), icon=":material/edit_off:")


def _asked(entry: LossEntry, rows: Sequence[Settings], settings: Settings, reduction: str) -> Answer | None:
    """What torch answers, or None where it has refused; then its words are shown."""
    try:
        return batch.evaluate(entry, rows, settings, reduction)
    except NotAskedError:
        raise
    except Exception as refusal:  # noqa: BLE001 - torch's words are what the student should read
        st.error("torch refuses this batch. In its own words:", icon=":material/block:")
        st.code(f"{type(refusal).__name__}: {refusal}", language=None, wrap_lines=True)
    return None


def _given(entry: LossEntry, key: str, value: float | str) -> str:
    """A setting of the panel in words."""
    option = entry.option(key)
    return (
        f"{option.title}: {option.words(str(value))}"
        if option
        else f"{named(entry.knob(key))}: {_short(value)}"
    )


def _in_words(option: Option) -> Callable[[float | str], str]:
    """What a column of the table says for a choice."""
    return lambda label: option.words(str(label))


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else compact(value)


def _reduction(entry: LossEntry) -> str:
    reductions = batch.batch_of(entry).reductions
    default = "mean" if "mean" in reductions else reductions[0]
    chosen = st.segmented_control(
        "reduction",
        list(reductions),
        default=default,
        key=f"batch-reduction/{entry.name}",
        required=True,
        persist_state="session",
    )
    return chosen or default


def _frame(entry: LossEntry) -> pd.DataFrame:
    """The rows at the start, as text: a number as short as it can be written, or the label of an option."""
    rows = [{key: _short(value) for key, value in row.items()} for row in batch.start_rows(entry)]
    return pd.DataFrame(rows, columns=list(entry.batch_keys), dtype="object")


def _state_key(entry: LossEntry) -> str:
    return f"batch/{entry.name}"


def _start_again(entry: LossEntry) -> None:
    kept: _Kept = st.session_state[_state_key(entry)]
    kept.latest = _frame(entry)
    kept.mount(kept.latest)


def _edited(entry: LossEntry) -> list[Mapping[str, object]]:
    """The table's rows as they stand in the widget."""
    kept: _Kept | None = st.session_state.get(_state_key(entry))
    if kept is None:
        kept = st.session_state[_state_key(entry)] = _Kept(_frame(entry), _frame(entry))
    if f"rows/{entry.name}/{kept.mounted}" not in st.session_state:
        # The widget was away, and Streamlit has forgotten its edits: it starts from the table as it was.
        kept.mount(kept.latest)
    kept.latest = st.data_editor(
        kept.base,
        key=f"rows/{entry.name}/{kept.mounted}",
        num_rows="dynamic",
        column_config=_columns(entry),
        width="stretch",
        placeholder="",
        alt=f"The batch, a sample a row, up to {MAX_ROWS} rows: its cells can be edited",
    ).reset_index(drop=True)
    return [{str(key): value for key, value in row.items()} for row in kept.latest.to_dict("records")]


def _columns(entry: LossEntry) -> dict[str, Any]:
    """How each column is edited. Numbers are free: what torch refuses, torch shall say itself.

    They are columns of text, because a column of numbers drops in the browser what it does not know: it makes 15 of
    "1,5" and nothing of "inf".
    """
    columns: dict[str, Any] = {}
    for knob in entry.knobs:
        columns[knob.key] = st.column_config.TextColumn(
            named(knob), help=knob.help, default=compact(knob.default), alignment="right"
        )
    for option in entry.options:
        columns[option.key] = st.column_config.SelectboxColumn(
            option.title,
            help=option.help,
            options=list(option.choices),
            format_func=_in_words(option),
            default=option.default,
        )
    return {key: columns[key] for key in entry.batch_keys}


def _rows(answer: Answer) -> None:
    """Each row's loss and its share of the gradient, beside the rows of the table."""
    count = len(answer.losses)
    st.dataframe(
        pd.DataFrame(
            {
                "row": range(1, count + 1),
                "loss": [shown(loss) for loss in answer.losses],
                "share": answer.shares or [None] * count,
            }
        ),
        column_config={
            "row": st.column_config.NumberColumn("row", width="small"),
            "loss": st.column_config.TextColumn("loss of the row", alignment="right"),
            "share": st.column_config.ProgressColumn(
                "share of the gradient", min_value=0, max_value=1, format="percent"
            ),
        },
        hide_index=True,
        width="stretch",
        alt="For each row of the batch: its loss and its share of the gradient",
    )


def _reduced(entry: LossEntry, answer: Answer, reduction: str) -> None:
    """The reduced loss, and what the numbers say."""
    if reduction != "none":
        st.metric(f"torch says: {reduction}", answer.printed[0])
    said = [*_divisions(entry, answer), _pull(answer, reduction)]
    if answer.elements > 1:
        said.append(
            f"torch gives each row {answer.elements} elements; the loss of a row is their sum"
            + (", and the program prints them one by one." if reduction == "none" else ".")
        )
    st.markdown("\n".join(f"- {sentence}" for sentence in said))
    if answer.warnings:
        st.markdown("torch warns")
        st.code("\n".join(answer.warnings), language=None, wrap_lines=True)


def _divisions(entry: LossEntry, answer: Answer) -> list[str]:
    """For each reduction that divides the sum: by what, in torch's numbers and in words."""
    told = []
    for name, mean in answer.means.items():
        words = f"**{name}** divides the sum by {batch.batch_of(entry).divides}" if name == "mean" else ""
        if math.isnan(mean.divisor):
            numbers = (
                f"Here the sum is {shown(answer.total)} and {name} {shown(mean.value)}: no divisor shows"
            )
        else:
            numbers = f"sum ÷ {name} = {shown(answer.total)} ÷ {shown(mean.value)} = **{mean.divisor:.5g}**"
            if len(mean.parts) > 1:
                numbers += f" = {' + '.join(f'{part:.5g}' for part in mean.parts)}, a number for each row"
        told.append(". ".join(filter(None, (words, numbers))) + ".")
    return told


def _pull(answer: Answer, reduction: str) -> str:
    if not answer.shares:
        return "No shares: no row has a gradient, or one is not finite."
    most = max(range(len(answer.shares)), key=answer.shares.__getitem__)
    whose = "the sum (none has no gradient of its own)" if reduction == "none" else f"the {reduction}"
    return (
        f"Row {most + 1} makes **{answer.shares[most]:.1%}** of the gradient of {whose}: the absolute derivatives "
        "of a row, added up, as a part of those of all rows."
    )
