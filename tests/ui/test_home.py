"""The home page: every loss is one click away, the guide leads to it, and nothing of it needs torch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.losses import small_curves
from lossviz.losses.catalogue import catalogue
from lossviz.losses.guide import GUIDE, Answer, leaves
from tests.fresh_python import run_alone
from tests.ui.whole_app import whole_app


def links(app: AppTest) -> list[tuple[str, str, str]]:
    """Every link's label, page and query."""
    found = [element.proto for element in app.get("page_link")]
    return [(link.label, link.page, link.query_string) for link in found]


def styles(app: AppTest) -> str:
    """All style sheets of the page."""
    return " ".join(element.proto.body for element in app.get("html"))


def paths(answer: Answer) -> list[list[Answer]]:
    """Every way through the guide, from the first answer to the advice."""
    if answer.advice:
        return [[]]
    return [[below, *rest] for below in answer.answers for rest in paths(below)]


def test_the_map_has_a_card_for_every_loss_that_leads_to_its_panel(app: AppTest) -> None:
    assert not app.exception
    cards = {label: (page, query) for label, page, query in links(app) if "  \n" in label}
    assert len(cards) == len(catalogue())
    for entry in catalogue().values():
        page, query = cards[f"**{entry.title}**  \n{entry.name}"]
        assert page == entry.category
        assert query == f"loss={entry.name}"


def test_every_card_has_its_curve(app: AppTest) -> None:
    drawn = re.findall(r'href\$="loss=(\w+)"', styles(app))
    assert drawn == list(small_curves.small_curves())


def test_a_loss_without_a_curve_still_has_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lossviz.ui import home

    monkeypatch.setenv("LOSSVIZ_HOME", str(tmp_path))
    monkeypatch.setattr(small_curves, "FILE", tmp_path / "absent.json")
    small_curves.small_curves.cache_clear()
    home._curve_rules.cache_clear()
    try:
        app = whole_app()
        assert not app.exception
        assert "url(" not in styles(app)
        assert sum("  \n" in label for label, _, _ in links(app)) == len(catalogue())
    finally:
        small_curves.small_curves.cache_clear()
        home._curve_rules.cache_clear()


def test_the_guide_asks_one_question_at_the_start_and_gives_no_advice(app: AppTest) -> None:
    (question,) = app.pills
    assert question.label == "**What do you predict?**"
    assert question.options == [answer.label for answer in GUIDE.answers]
    assert not any(": " in label for label, _, _ in links(app))


@pytest.mark.parametrize("way", paths(GUIDE), ids=lambda way: ", ".join(answer.label for answer in way))
def test_the_guide_leads_to_losses_that_are_there(app: AppTest, way: list[Answer]) -> None:
    for place, answer in enumerate(way):
        app.pills[place].set_value(answer.label).run()
    assert not app.exception
    assert len(app.pills) == len(way)
    advised = [(page, query) for label, page, query in links(app) if label.startswith("**") and ": " in label]
    wanted = [catalogue()[advice.loss] for advice in way[-1].advice]
    assert advised == [(entry.category, f"loss={entry.name}") for entry in wanted]


def test_another_first_answer_starts_the_second_question_anew(app: AppTest) -> None:
    app.pills[0].set_value("a number").run()
    app.pills[1].set_value("counts").run()
    app.pills[0].set_value("a box").run()
    assert app.pills[1].value is None
    app.pills[0].set_value(None).run()
    assert len(app.pills) == 1


def test_the_answers_are_still_there_after_a_visit_elsewhere(app: AppTest) -> None:
    app.pills[0].set_value("a number").run()
    app.pills[1].set_value("counts").run()
    before = links(app)
    app.switch_page("pages/regression.py").run()
    app.switch_page("pages/home.py").run()
    assert [pills.value for pills in app.pills] == ["a number", "counts"]
    assert links(app) == before


def test_the_guide_reaches_every_loss() -> None:
    reached = {advice.loss for leaf in leaves(GUIDE) for advice in leaf.advice}
    assert reached == set(catalogue())


def test_the_home_page_is_made_without_torch() -> None:
    code = (
        "import sys\n"
        "from lossviz.ui import home\n"
        "assert home._curve_rules()\n"
        "sys.exit(bool({'torch', 'altair'} & set(sys.modules)))\n"
    )
    run_alone(code)
