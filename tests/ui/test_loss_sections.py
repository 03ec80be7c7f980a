"""What stands below a loss panel, as AppTest runs it: through the entry point, a section at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.losses import batch, snippet
from lossviz.losses.catalogue import catalogue
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.entry import Edge, LossEntry

SECTIONS = ["Batch", "Edges", "Where it comes from"]

every_loss = pytest.mark.parametrize("name", list(catalogue()))
every_batch = pytest.mark.parametrize("name", [e.name for e in catalogue().values() if e.batch])


def open_section(app: AppTest, name: str, section: str | None, **link: str) -> LossEntry:
    """A loss's panel with a section open below it."""
    entry = catalogue()[name]
    app.switch_page(f"pages/{entry.category}.py")
    app.query_params.clear()
    app.query_params["loss"] = name
    for key, value in link.items():
        app.query_params[key] = value
    app.run()
    if section:
        app.segmented_control(key="section").set_value(section).run()
    assert not app.exception
    return entry


def codes(app: AppTest) -> list[str]:
    """Every block of code."""
    return [code.value for code in app.code]


def text(app: AppTest) -> str:
    """Every text in Markdown."""
    return "\n".join(element.value for element in app.markdown)


def boxes(app: AppTest, labels: Iterable[str]) -> list[str]:
    """Which boxes of these labels there are to open, in order; the panel above may have others."""
    wanted = set(labels)
    return [box.label for box in app.expander if box.label in wanted]


def claims(entry: LossEntry) -> list[str]:
    """The labels of the corrections."""
    return [f"“{correction.claim}”" for correction in entry.corrections]


def titles(entry: LossEntry) -> list[str]:
    """The labels of the edges."""
    return [edge.title for edge in entry.edges]


def edit(app: AppTest, name: str, mounted: int = 1, **edits: Any) -> None:  # noqa: ANN401 - Streamlit's edit state
    """Edit the table as the browser reports it."""
    none: dict[str, Any] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []}
    app.session_state[f"rows/{name}/{mounted}"] = none | edits
    app.run()
    assert not app.exception


def results(app: AppTest) -> Any:  # noqa: ANN401 - a DataFrame
    """The table of the rows' losses and shares."""
    (table,) = [d for d in app.dataframe if d.editing_mode == "read_only"]
    return table.value


@every_loss
def test_a_closed_section_costs_nothing(app: AppTest, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "evaluate", lambda *_: pytest.fail("a closed batch was evaluated"))
    monkeypatch.setattr(snippet, "run", lambda *_: pytest.fail("a closed edge was run"))
    entry = open_section(app, name, None)
    assert app.segmented_control(key="section").options == SECTIONS
    assert codes(app) == [program(entry, entry.defaults)]
    assert boxes(app, claims(entry) + titles(entry)) == []
    assert not app.data_editor


@every_batch
def test_a_batch_shows_each_rows_loss_and_share(app: AppTest, name: str) -> None:
    entry = open_section(app, name, "Batch")
    rows = batch.start_rows(entry)
    for reduction in batch.batch_of(entry).reductions:
        app.segmented_control(key=f"batch-reduction/{name}").set_value(reduction).run()
        assert not app.exception
        said = batch.evaluate(entry, rows, entry.defaults, reduction)
        assert list(results(app)["loss"]) == [shown(loss) for loss in said.losses]
        if said.shares:
            assert list(results(app)["share"]) == pytest.approx(list(said.shares))
        assert batch.program(entry, rows, entry.defaults, reduction) in codes(app)
        metrics = {metric.label: metric.value for metric in app.metric}
        if reduction == "none":
            assert not any(label.startswith("torch says:") for label in metrics)
        else:
            assert metrics[f"torch says: {reduction}"] == said.printed[0]
        for sentence in ("divides the sum by", "of the gradient of"):
            assert sentence in text(app)


def test_a_loss_without_a_batch_says_so(app: AppTest) -> None:
    entry = catalogue()["L1Loss"]
    had = entry.batch
    # Every entry has one so far, and entries cannot be changed in any other way.
    object.__setattr__(entry, "batch", None)
    try:
        open_section(app, "L1Loss", "Batch")
    finally:
        object.__setattr__(entry, "batch", had)
    assert any("takes no batch that fits a table" in box.value for box in app.info)


def test_an_edited_cell_moves_the_numbers(app: AppTest) -> None:
    entry = open_section(app, "CrossEntropyLoss", "Batch")
    edit(app, "CrossEntropyLoss", edited_rows={0: {"logit_0": -7.25, "target": "1"}})
    rows = batch.start_rows(entry)
    rows[0] |= {"logit_0": -7.25, "target": "1"}
    assert batch.program(entry, rows, entry.defaults, "mean") in codes(app)
    said = batch.evaluate(entry, rows, entry.defaults, "mean")
    assert list(results(app)["loss"]) == [shown(loss) for loss in said.losses]


def test_the_constructor_is_the_panels(app: AppTest) -> None:
    entry = open_section(app, "CrossEntropyLoss", "Batch", weight="1,1,9", label_smoothing="0.1")
    settings = entry.defaults | {"weight": "1,1,9", "label_smoothing": "0.1"}
    assert batch.program(entry, batch.start_rows(entry), settings, "mean") in codes(app)
    assert any("label smoothing" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"edited_rows": {1: {"logit_2": None}}}, "the cell is empty"),
        ({"edited_rows": {1: {"target": None}}}, "the cell is empty"),
        ({"edited_rows": {1: {"logit_2": "1,500"}}}, "“1,500” can be 1.5 or 1500: write 1.5 or 1500."),
        ({"added_rows": [{"target": "0"}]}, "Row 6"),
        ({"added_rows": [{"logit_0": 1, "logit_1": 1, "logit_2": 1, "target": "0"}] * 6}, "Take away 1"),
        ({"deleted_rows": [0, 1, 2, 3, 4]}, "no rows"),
    ],
)
def test_a_table_that_cannot_be_used_gets_a_sentence_and_loses_nothing(
    app: AppTest, edits: dict[str, Any], said: str
) -> None:
    open_section(app, "CrossEntropyLoss", "Batch")
    edit(app, "CrossEntropyLoss", **edits)
    (warning,) = app.warning
    assert said in warning.value.replace("\\", "")
    # Another loss and back: the table is as it was left, and so is what is said of it.
    other = next(e.name for e in catalogue().values() if e.category == "regression")
    open_section(app, other, None)
    open_section(app, "CrossEntropyLoss", None)
    assert app.segmented_control(key="section").value == "Batch"
    (warning,) = app.warning
    assert said in warning.value.replace("\\", "")
    app.button(key="rows-reset/CrossEntropyLoss").click().run()
    assert not app.warning
    assert len(results(app)) == 5


def test_edits_outlive_a_visit_elsewhere(app: AppTest) -> None:
    entry = open_section(app, "CrossEntropyLoss", "Batch")
    edit(app, "CrossEntropyLoss", edited_rows={0: {"logit_0": -7.25}}, deleted_rows=[4])
    app.segmented_control(key="section").set_value("Edges").run()
    app.segmented_control(key="section").set_value("Batch").run()
    edit(app, "CrossEntropyLoss", 2, edited_rows={1: {"logit_1": 6}})
    rows = batch.start_rows(entry)[:4]
    rows[0] |= {"logit_0": -7.25}
    rows[1] |= {"logit_1": 6}
    assert batch.program(entry, rows, entry.defaults, "mean") in codes(app)


def test_torch_refuses_in_its_own_words(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = open_section(app, "CrossEntropyLoss", None)

    def refuse(*_: object) -> None:
        raise RuntimeError("all elements of input should be between 0 and 1")

    monkeypatch.setattr(batch, "evaluate", refuse)
    app.segmented_control(key="section").set_value("Batch").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "RuntimeError: all elements of input should be between 0 and 1" in codes(app)
    # The program stays: run alone, it raises the same.
    assert batch.program(entry, batch.start_rows(entry), entry.defaults, "mean") in codes(app)


def test_lossviz_refuses_in_its_own(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    open_section(app, "CrossEntropyLoss", None)

    def refuse(*_: object) -> None:
        raise batch.NotAskedError("Box 0 is [b](http://inverted.example).")

    monkeypatch.setattr(batch, "evaluate", refuse)
    app.segmented_control(key="section").set_value("Batch").run()
    (error,) = app.error
    assert error.value.startswith("lossviz does not ask torch this")
    assert r"\[b\]\(" in error.value


@pytest.mark.parametrize("name", [e.name for e in catalogue().values() if e.category == "boxes"])
def test_an_inverted_box_is_not_sent_to_torch(app: AppTest, name: str) -> None:
    open_section(app, name, "Batch")
    edit(app, name, edited_rows={1: {"width": -1}})
    (error,) = app.error
    assert "Box 1 has x1" in error.value.replace("\\", "")


@every_loss
def test_an_edge_is_run_when_it_is_opened(app: AppTest, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def watched(code: str) -> snippet.Outcome:
        ran.append(code)
        return run(code)

    run = snippet.run
    monkeypatch.setattr(snippet, "run", watched)
    entry = open_section(app, name, "Edges")
    assert boxes(app, titles(entry)) == titles(entry)
    assert ran == []
    for place, edge in enumerate(entry.edges):
        app.session_state[f"edge/{name}/{place}"] = True
        app.run()
        assert not app.exception
        assert_told(app, edge)
        assert (edge.code in ran) == (not edge.refused)
        assert edge.fixed in ran


def assert_told(app: AppTest, edge: Edge) -> None:
    """An open edge shows all that the catalogue says of it, with what torch says here."""
    for block in (edge.code.strip(), snippet.said(edge), edge.fixed.strip(), snippet.run(edge.fixed).said):
        assert block in codes(app)
    assert edge.sentence in text(app)
    assert edge.fix in text(app)


@every_loss
def test_where_a_loss_comes_from(app: AppTest, name: str) -> None:
    entry = open_section(app, name, "Where it comes from")
    assert boxes(app, claims(entry)) == claims(entry)
    assert codes(app) == [program(entry, entry.defaults)]
    for source in entry.sources:
        assert f"[{source.title}]({source.url})" in text(app)
    for place in range(len(entry.corrections)):
        app.session_state[f"correction/{name}/{place}"] = True
    app.run()
    for correction in entry.corrections:
        assert correction.fact in text(app)
        assert correction.code.strip() in codes(app)
        assert correction.prints in codes(app)


def test_the_section_stays_when_the_loss_is_switched(app: AppTest) -> None:
    open_section(app, "HuberLoss", "Edges")
    app.segmented_control(key="loss/regression").set_value("MSELoss").run()
    assert app.segmented_control(key="section").value == "Edges"
    assert boxes(app, titles(catalogue()["MSELoss"])) == titles(catalogue()["MSELoss"])
    app.segmented_control(key="section").set_value(None).run()
    assert not app.exception
    assert not app.expander
