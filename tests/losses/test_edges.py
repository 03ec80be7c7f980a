"""Every edge and every correction of every loss: torch says what the catalogue claims it says."""

from __future__ import annotations

import pytest

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import Correction, Edge
from lossviz.losses.snippet import run, said

EDGES = [
    pytest.param(edge, id=f"{entry.name}-{edge.title}")
    for entry in catalogue().values()
    for edge in entry.edges
]
CORRECTIONS = [
    pytest.param(correction, id=f"{entry.name}-{place}")
    for entry in catalogue().values()
    for place, correction in enumerate(entry.corrections)
]


def lines(text: str) -> list[str]:
    """The lines of a text without the spaces at their ends, which nobody sees; torch has some."""
    return [line.rstrip() for line in text.strip().splitlines()]


every_edge = pytest.mark.parametrize("edge", EDGES)


@every_edge
def test_torch_says_what_the_edge_claims(edge: Edge) -> None:
    if edge.refused:
        # Never run: torch may read or write outside its memory.
        assert edge.says
    else:
        assert lines(said(edge)) == lines(edge.says)


@every_edge
def test_the_mended_snippet_runs_and_prints_what_it_should(edge: Edge) -> None:
    outcome = run(edge.fixed)
    assert outcome.error is None
    assert lines(outcome.said) == lines(edge.prints)


@every_edge
def test_an_edge_is_told_in_full(edge: Edge) -> None:
    assert edge.title
    assert edge.sentence.endswith((".", "?", "!"))
    assert edge.fix.endswith((".", "?", "!"))
    assert edge.code.strip() != edge.fixed.strip()
    for code in (edge.code, edge.fixed):
        assert code.startswith("import ")
        assert [line for line in code.splitlines() if len(line) > 88] == []
        # It would hold for every session of the server while the snippet runs.
        assert "set_default_dtype" not in code


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_a_correction_prints_its_evidence(correction: Correction) -> None:
    outcome = run(correction.code)
    assert outcome.error is None
    assert outcome.printed == tuple(correction.prints.splitlines())
