"""A picture that is downloaded says which loss it shows and where its knobs and options stand."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.panel import CHART, expect_to_rest, open_panel, slider

TITLE = f"{CHART} .role-title text"


def test_name_and_values_stand_in_the_file_and_not_on_the_page(
    browser_page: Page, app_url: str, tmp_path: Path
) -> None:
    open_panel(browser_page, f"{app_url}/classification?loss=CrossEntropyLoss&weight=1,1,3", "logit_0")
    expect_to_rest(browser_page)
    title = browser_page.locator(TITLE)
    slider(browser_page, "logit_1").press("ArrowRight")
    lines = title.locator("tspan")
    expect(lines.nth(1)).to_have_text("logit z₀ 2 · logit z₁ 2 · logit z₂ 0")
    expect(lines.nth(0)).to_have_text(
        "CrossEntropyLoss · true class y 0 · label smoothing ε 0 · class weights w class 2 ×3"
    )
    expect(title).to_be_hidden()
    with browser_page.expect_download() as download:
        browser_page.get_by_role("button", name="Download as PNG").press("Enter")
    file = tmp_path / "picture.png"
    download.value.save_as(file)
    with Image.open(file) as picture:
        below = picture.convert("L").crop((0, picture.height - 60, picture.width, picture.height))
        darkest, lightest = below.getextrema()
    assert isinstance(darkest, int)
    assert isinstance(lightest, int)
    assert lightest - darkest > 100
