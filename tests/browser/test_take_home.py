"""In Chromium: a run's script is downloaded and a picture of one's own is sent to its network."""

from __future__ import annotations

import ast
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from safetensors.numpy import load

from lossviz.training.settings import Settings
from tests.browser.training import button, expect_results, open_training, status
from tests.browser.visitors import MAIN, Visitors, expect_to_fit


@pytest.fixture
def finished(visitors: Visitors, app_url: str) -> Page:
    """The page of a short run that has finished."""
    page = visitors.open(accept_downloads=True)
    open_training(page, app_url, "model=mlp&train_size=1000&epochs=2&seed=3")
    button(page, "Train").click()
    expect(status(page)).to_contain_text("Finished")
    expect_results(page)
    return page


def taken(page: Page, label: str) -> tuple[str, bytes]:
    """The name and the bytes of what a download button gives."""
    with page.expect_download() as download:
        button(page, label).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def shirt() -> bytes:
    """A dark T-shirt on white paper."""
    image = Image.new("RGB", (300, 240), "white")
    outline = [(60, 40), (240, 40), (260, 100), (210, 90), (210, 220), (90, 220), (90, 90), (40, 100)]
    ImageDraw.Draw(image).polygon(outline, "navy")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_a_run_is_taken_home(finished: Page, visitors: Visitors, tmp_path: Path) -> None:
    page = finished
    page.get_by_role("tab", name="Take home").click()
    name, script = taken(page, "Script")
    assert re.fullmatch(r"lossviz-(fashionmnist|drawn-garments)-.{8}\.py", name)
    said = ast.get_docstring(ast.parse(script)) or ""
    assert len(re.findall(r"(?m)^ *epoch \d: train loss", said)) == 2
    name, settings = taken(page, "Settings")
    parsed = Settings.parse(json.loads(settings))
    assert (parsed.model, parsed.seed, parsed.data in name) == ("mlp", 3, "drawn" in name)
    name, csv = taken(page, "Curves")
    assert csv.startswith(b"data,epoch,step")
    name, weights = taken(page, "Weights")
    assert load(weights)["1.weight"].shape == (128, 784)
    name, report = taken(page, "Report")
    path = tmp_path / name
    path.write_bytes(report)

    # The report is a page of its own that asks for nothing.
    read, asked, said_by_console = visitors.open(390, 800), list[str](), list[str]()
    read.on("request", lambda request: asked.append(request.url))
    read.on("console", lambda message: said_by_console.append(message.text))
    read.goto(path.as_uri())
    expect(read.get_by_role("heading", name="Worst mistakes")).to_be_visible()
    assert read.locator("svg").count() >= 4
    broken = "images => images.filter(image => !image.naturalWidth).length"
    assert read.locator("img").evaluate_all(broken) == 0
    expect_to_fit(read, "body", 390)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said_by_console == []


def test_a_picture_of_ones_own_is_sent(finished: Page) -> None:
    page = finished
    page.get_by_role("tab", name="Your own picture").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput").first
    chooser.set_input_files({"name": "shirt.png", "mimeType": "image/png", "buffer": shirt()})
    expect(page.get_by_role("img", name="Your picture, step 1: As sent")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"Your picture, step \d: 28 × 28"))).to_be_visible()
    expect(page.get_by_text(re.compile("The network, trained on .* says"))).to_be_visible()
    bars = page.get_by_role("tabpanel").locator("[data-testid=stVegaLiteChart] svg:visible")
    expect(bars.first).to_be_visible()
    chooser.set_input_files({"name": "shirt.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    expect(page.get_by_text("This is not a picture that can be read here")).to_be_visible()


def test_the_page_fits_a_phone(finished: Page) -> None:
    page = finished
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name="Your own picture").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput").first
    chooser.set_input_files({"name": "shirt.png", "mimeType": "image/png", "buffer": shirt()})
    expect(page.get_by_text(re.compile("The network, trained on .* says"))).to_be_visible()
    page.get_by_role("tab", name="Take home").click()
    expect(button(page, "Script")).to_be_visible()
    expect_to_fit(page, MAIN, 390)
