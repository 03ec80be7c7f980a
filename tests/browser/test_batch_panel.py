"""What only a browser shows of the sections below a loss panel: a cell is edited, and the numbers follow."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from lossviz.losses.batch import start_rows
from lossviz.losses.catalogue import catalogue
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.knob import compact
from tests.browser.panel import expect_to_rest
from tests.browser.visitors import expect_to_fit, expect_whole_page
from tests.fresh_python import run_alone

FIRST_OF_PAGE = {entry.category: entry for entry in reversed(list(catalogue().values())) if entry.batch}


def open_section(page: Page, url: str, entry: LossEntry, section: str, link: str = "") -> None:
    """Open a panel and one of the sections below it."""
    page.goto(f"{url}/{entry.category}?loss={entry.name}{link}")
    expect(page.get_by_test_id("stMetricValue").first).to_be_visible()
    expect_to_rest(page)
    page.get_by_test_id("stButtonGroup").get_by_text(section, exact=True).click()


def table(page: Page, place: int) -> Locator:
    """The editor is the first table, the results are the second."""
    return page.get_by_test_id("stDataFrame").nth(place)


def cells(page: Page, place: int) -> Locator:
    """The cells of a table as a screen reader finds them: the grid itself is drawn on a canvas."""
    return table(page, place).locator("[role=gridcell]")


def select(page: Page, row: int, column: int) -> None:
    """Put the cursor on a cell of the editor, as a screen reader does: keys right after a click can be lost."""
    expect_whole_page(page)  # a grid that is drawn anew forgets what was selected
    grid = table(page, 0).get_by_test_id("data-grid-canvas")
    # A grid that gets the focus for the first time selects its first cell, whichever was meant.
    for cell in (grid, grid.locator(f"[role=gridcell][id=glide-cell-{column + 1}-{row}]")):
        cell.focus()
        expect(grid.locator("[role=gridcell][aria-selected=true]")).to_have_count(1)
    expect(grid.locator(f"[id=glide-cell-{column + 1}-{row}][aria-selected=true]:focus")).to_have_count(1)


def type_into(page: Page, row: int, column: int, value: str) -> None:
    """Write a number into a cell of the editor."""
    select(page, row, column)
    # The editor of a cell is loaded when it is first needed, and what is typed before is lost.
    page.keyboard.press("Enter")
    editor = page.locator(".gdg-style input, .gdg-style textarea").last
    editor.fill(value)
    editor.press("Enter")


def program(page: Page) -> str:
    """The program of the batch, the last block of code, once it is that of the numbers above it."""
    expect_whole_page(page)
    return page.get_by_test_id("stCode").last.locator("code").inner_text()


def test_the_numbers_follow_an_edited_cell(browser_page: Page, app_url: str) -> None:
    open_section(browser_page, app_url, catalogue()["CrossEntropyLoss"], "Batch")
    expect(cells(browser_page, 1).first).to_be_attached()
    reduced = browser_page.get_by_test_id("stMetricValue").last
    before = reduced.inner_text()
    type_into(browser_page, 0, 0, "-7.25")
    expect(reduced).not_to_have_text(before)
    expect(cells(browser_page, 0).first).to_have_text("-7.25")
    code = program(browser_page)
    assert "-7.25" in code
    assert run_alone(code).strip() == reduced.inner_text()


def test_the_batch_follows_the_panel_above(browser_page: Page, app_url: str) -> None:
    open_section(browser_page, app_url, catalogue()["CrossEntropyLoss"], "Batch")
    expect(cells(browser_page, 1).first).to_be_attached()
    type_into(browser_page, 1, 1, "5")
    code = browser_page.get_by_test_id("stCode").last
    expect(code).to_contain_text("5.0")
    browser_page.get_by_test_id("stButtonGroup").get_by_text("class 2 ×9", exact=True).click()
    expect(code).to_contain_text("weight=torch.tensor([1.0, 1.0, 9.0])")
    # What was typed is still there, and the section is still open.
    expect(code).to_contain_text("5.0")


def test_the_section_and_the_table_stay_when_the_loss_is_switched(browser_page: Page, app_url: str) -> None:
    entry = catalogue()["CrossEntropyLoss"]
    open_section(browser_page, app_url, entry, "Batch")
    expect(cells(browser_page, 1).first).to_be_attached()
    type_into(browser_page, 0, 0, "-7.25")
    expect(browser_page.get_by_test_id("stCode").last).to_contain_text("-7.25")
    losses = browser_page.get_by_test_id("stButtonGroup").first
    code = browser_page.get_by_test_id("stCode").last
    losses.get_by_text(catalogue()["NLLLoss"].title, exact=True).click()
    # The first visit to a loss has its whole lattice computed.
    expect(code).to_contain_text("torch.nn.NLLLoss")
    losses.get_by_text(entry.title, exact=True).click()
    expect(code).to_contain_text("torch.nn.CrossEntropyLoss")
    expect(code).to_contain_text("-7.25")
    expect(cells(browser_page, 0).first).to_have_text("-7.25")


@pytest.mark.parametrize(
    ("name", "column", "wrong", "right", "words"),
    [
        ("BCELoss", 0, "1.2", "0.5", "RuntimeError: all elements of input should be between 0 and 1"),
        ("GaussianNLLLoss", 2, "-1", "1", "ValueError: var has negative entry/entries"),
    ],
)
def test_a_wrong_value_shows_torchs_words(
    browser_page: Page, app_url: str, name: str, column: int, wrong: str, right: str, words: str
) -> None:
    open_section(browser_page, app_url, catalogue()[name], "Batch")
    expect(cells(browser_page, 1).first).to_be_attached()
    type_into(browser_page, 0, column, wrong)
    expect(browser_page.get_by_test_id("stCode").filter(has_text=words)).to_be_visible()
    assert wrong in program(browser_page)
    type_into(browser_page, 0, column, right)
    expect(browser_page.get_by_test_id("stAlert")).to_have_count(0)
    expect(cells(browser_page, 1).first).to_be_attached()


def test_an_emptied_cell_gets_a_sentence(browser_page: Page, app_url: str) -> None:
    open_section(browser_page, app_url, catalogue()["CrossEntropyLoss"], "Batch")
    expect(cells(browser_page, 1).first).to_be_attached()
    select(browser_page, 0, 0)
    browser_page.keyboard.press("Delete")
    expect(browser_page.get_by_test_id("stAlert")).to_contain_text("Row 1, logit 0: the cell is empty.")


def paste_into(page: Page, row: int, column: int, text: str) -> None:
    """Paste into a cell of the editor, which may read the clipboard."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    select(page, row, column)
    page.keyboard.press("ControlOrMeta+V")


def mse_of(first: float) -> str:
    """Torch's mean over the rows of MSE's first batch, with another prediction in the first of them."""
    rows = start_rows(catalogue()["MSELoss"])
    prediction, target = ([float(row[key]) for row in rows] for key in ("prediction", "target"))
    return shown(torch.nn.MSELoss()(torch.tensor([first, *prediction[1:]]), torch.tensor(target)).item())


def test_what_is_typed_or_pasted_into_a_cell_is_torchs_number_or_a_sentence(
    browser_page: Page, app_url: str
) -> None:
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_section(page, app_url, catalogue()["MSELoss"], "Batch")
    expect(cells(page, 1).first).to_be_attached()
    reduced = page.get_by_test_id("stMetricValue").last
    alert = page.get_by_test_id("stAlert")
    target = compact(float(start_rows(catalogue()["MSELoss"])[0]["target"]))
    for put in (type_into, paste_into):
        for text, read in (
            ("1,5", "1.5"),
            ("nan", "nan"),
            ("\u22122,25", "-2.25"),
            ("inf", "inf"),
            ("1e17", "1e17"),
            ("1e30", "1e30"),  # its square is not
        ):
            put(page, 0, 0, text)
            expect(reduced).to_have_text(mse_of(float(read)))
            expect(alert).to_have_count(0)
        for text, why in (
            ("1,500", "“1,500” can be 1.5 or 1500: write 1.5 or 1500."),
            ("1e400", "torch would make it inf. To try that, write inf."),
            ("-3.5e-50", "torch would make it -0. To try that, write -0."),
            ("1.234,5", "“1.234,5” has points between its thousands: write 1234.5."),
        ):
            put(page, 0, 0, text)
            expect(alert).to_contain_text("Row 1, prediction: ")
            expect(alert).to_contain_text(why)
            if put is type_into:  # after a paste, the grid tells a screen reader of it later
                expect(cells(page, 0).first).to_have_text(text)
                expect(cells(page, 0).nth(1)).to_have_text(target)
        put(page, 0, 0, "0,5")
        expect(reduced).to_have_text(mse_of(0.5))
        expect(page.get_by_text("Row 1, prediction: “0,5” is read as 0.5.")).to_be_visible()
        assert run_alone(program(page)).strip() == mse_of(0.5)


def test_an_edge_opens_to_torchs_words(browser_page: Page, app_url: str) -> None:
    entry = catalogue()["CrossEntropyLoss"]
    open_section(browser_page, app_url, entry, "Edges")
    boxes = browser_page.get_by_test_id("stExpander")
    expect(boxes).to_have_count(len(entry.edges))
    for place, edge in enumerate(entry.edges):
        boxes.nth(place).locator("summary").click()
        said = boxes.nth(place).get_by_test_id("stCode").nth(1)
        expect(said).to_contain_text(edge.says.splitlines()[0])
    browser_page.get_by_test_id("stButtonGroup").get_by_text("Edges", exact=True).click()
    expect(boxes).to_have_count(0)


@pytest.mark.parametrize("category", sorted(FIRST_OF_PAGE))
def test_the_sections_fit_the_page(browser_page: Page, app_url: str, tmp_path: Path, category: str) -> None:
    entry, page = FIRST_OF_PAGE[category], browser_page
    open_section(page, app_url, entry, "Batch")
    for section in ("Batch", "Edges", "Where it comes from"):
        if section != "Batch":
            page.get_by_test_id("stButtonGroup").get_by_text(section, exact=True).click()
            expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
            name = entry.edges[0].title if section == "Edges" else entry.corrections[0].claim
        if section == "Batch":
            expect(cells(page, 1).first).to_be_attached()
        else:
            # By its words: what stood in its place before goes only when the run has ended.
            first = page.get_by_test_id("stExpander").filter(has_text=name)
            first.locator("summary").click()
            expect(first.get_by_test_id("stCode").first).to_be_visible()
        for width, dark in ((1400, False), (390, True)):
            page.set_viewport_size({"width": width, "height": 1000})
            page.emulate_media(color_scheme="dark" if dark else "light")
            # The page takes a moment to follow.
            expect_to_fit(page, SHOWN, width)
            page.wait_for_function(IS_DARK, arg=dark)
            assert page.screenshot(path=tmp_path / f"{category}-{section}-{width}.png", full_page=True)


SHOWN = "[data-testid=stDataFrame], [data-testid=stCode], [data-testid=stExpander]"
"""What the sections are made of."""

IS_DARK = """
dark => {
  const paper = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor;
  return (Number(paper.match(/\\d+/)[0]) < 128) === dark;
}
"""
