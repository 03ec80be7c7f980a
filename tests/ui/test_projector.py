"""The view for a projector, as AppTest runs it: what is on it, and what its presses do."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from lossviz.losses.catalogue import catalogue
from tests.ui.test_pages import metrics, open_page

SMOOTH = catalogue()["SmoothL1Loss"]


def project(app: AppTest, **link: str) -> AppTest:
    """A panel on a projector."""
    return open_page(app, "regression", loss=SMOOTH.name, projector="1", **link)


def markdown(app: AppTest) -> str:
    """All words on the page."""
    return "\n".join(element.value for element in app.markdown)


def test_next_and_previous_go_through_the_presets_with_their_lessons(app: AppTest) -> None:
    project(app, prediction="0.3")
    seen = []
    for place, preset in enumerate(SMOOTH.presets, start=1):
        app.button(key="projector-next").click().run()
        assert f"{place} of {len(SMOOTH.presets)}: **{preset.title}.** {preset.lesson}" in markdown(app)
        assert app.query_params["projector"] == "1"
        seen.append(app.query_params["prediction"])
    app.button(key="projector-next").click().run()
    assert SMOOTH.presets[0].lesson in markdown(app)
    app.button(key="projector-previous").click().run()
    assert SMOOTH.presets[-1].lesson in markdown(app)
    assert app.query_params["prediction"] == seen[-1]
    assert not app.exception


def test_where_no_preset_is_shown_previous_leads_to_the_last(app: AppTest) -> None:
    project(app, prediction="0.3")
    app.button(key="projector-previous").click().run()
    assert SMOOTH.presets[-1].lesson in markdown(app)


def test_the_number_stays_when_one_goes_there_and_back(app: AppTest) -> None:
    open_page(app, "regression", loss=SMOOTH.name, prediction="3")
    before = metrics(app)
    app.button(key="projector-enter").click().run()
    assert app.query_params["projector"] == "1"
    assert metrics(app) == before
    assert app.query_params["prediction"] == "3"
    app.button(key="projector-leave").click().run()
    assert "projector" not in app.query_params
    assert metrics(app) == before
    assert not app.exception


def test_the_number_is_hidden_until_it_is_revealed(app: AppTest) -> None:
    project(app)
    before, formulas = metrics(app), [element.value for element in app.latex]
    app.button(key="projector-hide").click().run()
    assert set(metrics(app).values()) == {"?"}
    (symbols,) = [element.value for element in app.latex]
    assert "boxed" not in symbols
    assert "2.5" not in symbols
    assert "What do you predict?" in markdown(app)
    app.button(key="projector-reveal").click().run()
    assert (metrics(app), [element.value for element in app.latex]) == (before, formulas)
    assert not app.exception


def test_the_number_stays_hidden_through_the_presets_and_is_shown_where_one_leaves(app: AppTest) -> None:
    project(app)
    app.button(key="projector-hide").click().run()
    app.button(key="projector-next").click().run()
    assert set(metrics(app).values()) == {"?"}
    assert SMOOTH.presets[0].lesson not in markdown(app)
    app.button(key="projector-leave").click().run()
    assert "?" not in metrics(app).values()
    assert not app.exception


def test_a_typed_number_is_taken_to_the_nearest_step_and_says_so(app: AppTest) -> None:
    project(app)
    app.text_input(key="typed/prediction").set_value("1,52").run()
    assert app.query_params["prediction"] == "1.5"
    assert app.text_input(key="typed/prediction").value == "1.5"
    assert metrics(app)["loss"] == "1"
    (warning,) = app.warning
    assert "lies between two steps of 0" in warning.value
    app.text_input(key="typed/prediction").set_value("3").run()
    assert (metrics(app)["loss"], len(app.warning)) == ("2.5", 0)
    app.text_input(key="typed/prediction").set_value("many").run()
    (warning,) = app.warning
    assert "it stays at 3" in warning.value
    assert app.query_params["prediction"] == "3"
    assert app.text_input(key="typed/prediction").value == "3"
    assert not app.exception
