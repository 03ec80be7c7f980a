"""Words with a halo: the same words in the page's colour below them."""

from __future__ import annotations

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.words import haloed


def test_a_halo_is_the_same_words_in_the_colour_of_the_page_unheard_and_below() -> None:
    text = alt.Chart(alt.NamedData("one")).mark_text(text="here", dy=8).encode(x=alt.value(3))
    before = roles.wear(text, roles.INK)
    halo, words = haloed(before)
    assert words is before
    below, above = halo.to_dict(), words.to_dict()
    assert below["mark"] == above["mark"] | {"aria": False, "strokeJoin": "round"}
    paper = {"value": {"expr": "background"}}
    assert below["encoding"]["stroke"] == below["encoding"]["fill"] == paper
    assert "color" not in below["encoding"]
    assert "stroke" not in above["encoding"]
    assert above["encoding"]["color"]["field"] == "role"
    assert below["encoding"]["x"] == above["encoding"]["x"]
