"""Every page through the entry point, as AppTest runs it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.plain_symbol import gradient_name
from tests.live_server import ROOT

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))


def open_page(app: AppTest, page: str, **link: str) -> AppTest:
    """A page at a link."""
    app.switch_page(f"pages/{page}.py")
    for key, value in link.items():
        app.query_params[key] = value
    return app.run()


def metrics(app: AppTest) -> dict[str, str]:
    """What torch is shown to say."""
    return {metric.label: metric.value for metric in app.metric}


def chart(app: AppTest) -> Any:  # noqa: ANN401 - a protobuf message
    """The message of the first chart."""
    return app.get("vega_lite_chart")[0].proto


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_through_the_entry_point(app: AppTest, page: str) -> None:
    app.switch_page(f"pages/{page}").run()
    assert not app.exception
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_the_scripts_come_before_what_a_hand_can_touch(app: AppTest, page: str) -> None:
    # A press while the rest of the page is held back would otherwise add an entry to the browser's history.
    app.switch_page(f"pages/{page}").run()
    first: Any = app.main.children[0]
    assert "window.lossvizScripts" in first.children[0].proto.body


@pytest.mark.parametrize("name", list(catalogue()))
def test_a_loss_at_its_defaults_shows_what_torch_says(app: AppTest, name: str) -> None:
    entry = catalogue()[name]
    open_page(app, entry.category, loss=name)
    assert not app.exception
    assert not app.warning
    said = exact(entry, entry.defaults)
    assert metrics(app) == {"loss": shown(said.loss), gradient_name(entry): shown(said.gradient)}
    assert program(entry, entry.defaults) in [code.value for code in app.code]


def test_what_else_the_picture_shows_is_printed_when_asked(app: AppTest) -> None:
    entry = catalogue()["KLDivLoss"]
    open_page(app, entry.category, loss=entry.name)
    assert f"Run alone, it prints {metrics(app)['loss']}." in [caption.value for caption in app.caption]
    app.toggle(key="whole-program").set_value(True).run()
    assert not app.exception
    codes = [code.value for code in app.code]
    assert program(entry, entry.defaults, whole=True) in codes
    assert program(entry, entry.defaults) not in codes
    said = f"Run alone, it prints the gradient and, as its last line, {metrics(app)['loss']}."
    assert said in [caption.value for caption in app.caption]


def test_what_torch_warns_of_stands_under_its_numbers(app: AppTest) -> None:
    open_page(app, "distribution", loss="KLDivLoss", reduction="mean")
    assert len([c for c in app.caption if c.value.startswith("torch warns: UserWarning")]) == 1


def test_a_link_opens_the_panel_that_it_describes(app: AppTest) -> None:
    open_page(app, "regression", loss="SmoothL1Loss", prediction="2.5", target="0", beta="0.75")
    assert metrics(app) == {"loss": "2.125", "∂loss/∂x": "1"}
    assert any("linear" in element.value for element in app.markdown)
    assert any(r"\left|2.5 - 0\right| - \frac{0.75}{2} = 2.125" in element.value for element in app.latex)
    assert dict(app.query_params) == {
        "loss": "SmoothL1Loss",
        "prediction": "2.5",
        "target": "0",
        "beta": "0.75",
    }


def test_a_bad_link_shows_the_default_and_says_so(app: AppTest) -> None:
    open_page(app, "regression", loss="SmoothL1Loss", beta="[x](http://a) **b**")
    assert not app.exception
    assert metrics(app)["loss"] == "2"
    (warning,) = app.warning
    assert r"\[x\]\(" in warning.value
    assert r"\*\*b\*\*" in warning.value


def test_a_loss_on_the_wrong_page_has_a_way_to_its_own_with_all_that_the_link_says(app: AppTest) -> None:
    open_page(app, "regression", loss="nllloss", logit_0="3", target="1")
    assert metrics(app) == {"loss": "2.5", "∂loss/∂x": "1"}
    (warning,) = app.warning
    assert warning.value == r"NLLLoss stands on the page Classification\. Showing L1Loss\."
    ways = [link.proto for link in app.get("page_link")]
    (way,) = [way for way in ways if way.page == "classification"]
    assert way.label == "Go to NLLLoss"
    assert dict(parse_qsl(way.query_string)) == {"loss": "NLLLoss", "logit_0": "3", "target": "1"}
    app.query_params.clear()
    open_page(app, way.page, **dict(parse_qsl(way.query_string)))
    assert not app.warning
    entry = catalogue()["NLLLoss"]
    said = exact(entry, entry.defaults | {"logit_0": 3, "target": "1"})
    assert metrics(app)["loss"] == shown(said.loss)


def test_a_link_in_another_case_is_followed_without_a_word(app: AppTest) -> None:
    open_page(app, "regression", loss="smoothl1loss", Prediction="2", BETA="2")
    assert not app.warning
    assert metrics(app) == {"loss": "1", "∂loss/∂x": "1"}
    # What is typed stays as long as it means what is shown; what the app writes has the true names.
    app.segmented_control(key="loss/regression").set_value("HuberLoss").run()
    app.segmented_control(key="loss/regression").set_value("SmoothL1Loss").run()
    assert dict(app.query_params) == {"loss": "SmoothL1Loss", "prediction": "2", "target": "0", "beta": "2"}


def test_a_preset_sets_the_knobs_and_a_reset_takes_them_back(app: AppTest) -> None:
    open_page(app, "regression", loss="SmoothL1Loss")
    app.button(key="preset/SmoothL1Loss/beta-is-not-delta").click().run()
    assert metrics(app) == {"loss": "2", "∂loss/∂x": "1"}
    assert app.query_params["beta"] == "2"
    assert app.query_params["overlay"] == "HuberLoss"
    next(button for button in app.button if button.label == "Reset").click().run()
    assert app.query_params["beta"] == "1"
    assert "overlay" not in app.query_params


def test_a_switch_keeps_the_knobs_that_mean_the_same(app: AppTest) -> None:
    open_page(app, "regression", loss="SmoothL1Loss", prediction="-1.5", target="1", beta="2")
    app.segmented_control(key="loss/regression").set_value("HuberLoss").run()
    assert dict(app.query_params) == {
        "loss": "HuberLoss",
        "prediction": "-1.5",
        "target": "1",
        "delta": "1",
    }
    app.segmented_control(key="loss/regression").set_value("SmoothL1Loss").run()
    assert app.query_params["beta"] == "2"


def test_the_panel_is_found_again_after_a_visit_elsewhere(app: AppTest) -> None:
    open_page(app, "regression", loss="HuberLoss", prediction="4", delta="2")
    app.switch_page("pages/home.py").run()
    app.query_params.clear()
    app.switch_page("pages/regression.py").run()
    assert app.query_params["loss"] == "HuberLoss"
    assert metrics(app) == {"loss": "6", "∂loss/∂x": "2"}


def test_an_overlay_changes_data_but_neither_spec_nor_alternative_text(app: AppTest) -> None:
    open_page(app, "regression", loss="SmoothL1Loss")
    before = chart(app)
    app.button_group(key="overlays/SmoothL1Loss/1").set_value(["MSELoss"]).run()
    after = chart(app)
    assert (before.spec, before.alt, before.id) == (after.spec, after.alt, after.id)
    assert [d.data.data for d in before.datasets] != [d.data.data for d in after.datasets]
    assert app.query_params["overlay"] == "MSELoss"
