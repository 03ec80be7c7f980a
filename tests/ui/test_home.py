"""The home page: every loss is one click away, the guide leads to it, and nothing of it needs torch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs

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


def advice(app: AppTest) -> list[tuple[str, str]]:
    """Page and query of the losses that the guide advises."""
    return [(page, query) for label, page, query in links(app) if "**: " in label]


def styles(app: AppTest) -> str:
    """All style sheets of the page."""
    return " ".join(element.proto.body for element in app.get("html"))


def paths(answer: Answer) -> list[list[Answer]]:
    """Every way through the guide, from the first answer to the advice."""
    if answer.advice:
        return [[]]
    return [[below, *rest] for below in answer.answers for rest in paths(below)]


def test_the_map_has_a_card_for_every_loss_that_says_what_it_does_and_leads_to_its_panel(
    app: AppTest,
) -> None:
    assert not app.exception
    links_ = [element.proto for element in app.get("page_link")]
    cards = {link.label: (link.page, link.query_string, link.help) for link in links_ if "  \n" in link.label}
    assert len(cards) == len(catalogue())
    for entry in catalogue().values():
        found = cards[f"**{entry.title}**  \n*{entry.name}*  \n{entry.summary}"]
        # When to use it, and not what the page is that it stands on.
        assert found == (entry.category, f"loss={entry.name}", f"When to use it: {entry.use[0]}")


def picture_link(app: AppTest) -> tuple[str, dict[str, list[str]]]:
    """Where the link below the live picture leads: the page and its query."""
    (found,) = [link for link in links(app) if link[0] == "Open this setting with its formula and code"]
    return found[1], parse_qs(found[2])


def sliders_start_at(app: AppTest) -> dict[str, float]:
    """Where the sliders of the live picture start, by their names."""
    (chart,) = app.get("vega_lite_chart")
    params = [param for param in json.loads(chart.proto.spec)["params"] if "bind" in param]
    return {key: value for param in params for key, value in param["value"][0].items()}


def test_the_link_below_the_live_picture_follows_the_hand(app: AppTest) -> None:
    start = {"loss": ["SmoothL1Loss"], "prediction": ["2.5"], "target": ["0"], "beta": ["1"]}
    assert picture_link(app) == ("regression", start)
    assert sliders_start_at(app) == {"prediction": 2.5, "beta": 1}
    panel = app.session_state["panel/home"]
    panel.move({"prediction": -1.5, "beta": 2.0})
    app.run()
    moved = start | {"prediction": ["-1.5"], "beta": ["2"]}
    assert picture_link(app) == ("regression", moved)
    # The picture is left alone: its sliders are where the hand has left them.
    assert sliders_start_at(app) == {"prediction": 2.5, "beta": 1}
    assert not app.query_params


def test_the_live_picture_is_found_again_after_a_visit_elsewhere(app: AppTest) -> None:
    app.session_state["panel/home"].move({"prediction": -1.5, "beta": 2.0})
    app.run()
    before = picture_link(app)
    app.switch_page("pages/regression.py").run()
    app.switch_page("pages/home.py").run()
    assert picture_link(app) == before
    assert sliders_start_at(app) == {"prediction": -1.5, "beta": 2}


def test_the_link_below_the_live_picture_opens_the_panel_there(app: AppTest) -> None:
    app.session_state["panel/home"].move({"prediction": -1.5, "beta": 2.0})
    app.run()
    page, query = picture_link(app)
    app.switch_page(f"pages/{page}.py")
    for key, (value,) in query.items():
        app.query_params[key] = value
    app.run()
    # 1.5 ** 2 / (2 * 2), and -1.5 / 2.
    assert [metric.value for metric in app.metric] == ["0.5625", "-0.75"]


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
    assert not advice(app)


@pytest.mark.parametrize("way", paths(GUIDE), ids=lambda way: ", ".join(answer.label for answer in way))
def test_the_guide_leads_to_losses_that_are_there(app: AppTest, way: list[Answer]) -> None:
    for place, answer in enumerate(way):
        app.pills[place].set_value(answer.label).run()
    assert not app.exception
    assert len(app.pills) == len(way)
    wanted = [catalogue()[advice.loss] for advice in way[-1].advice]
    assert advice(app) == [(entry.category, f"loss={entry.name}") for entry in wanted]


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


def test_the_home_page_is_made_without_torch(tmp_path: Path) -> None:
    code = f"""
import os, sys
os.environ["LOSSVIZ_HOME"] = {str(tmp_path)!r}
from lossviz.ui import server_start, warm_up
# What is loaded beside the page, and what draws ahead, comes after it.
warm_up.warm_up = lambda: None
server_start.write_ahead = lambda folder: None
from tests.ui.whole_app import whole_app
app = whole_app()
assert not app.exception
assert len(app.get("vega_lite_chart")) == 1
app.session_state["panel/home"].move({{"prediction": -1.5}})
assert any("prediction=-1.5" in link.proto.query_string for link in app.run().get("page_link"))
print(sorted({{"torch", "altair", "pandas"}} & set(sys.modules)))
"""
    assert run_alone(code) == "[]\n"
