"""What every entry of the catalogue must hold: one test for all, so a new loss needs none of its own."""

from __future__ import annotations

import itertools
import math
import random
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.modules import loss as torch_losses

from lossviz.losses.call import available, exact, signature, vectorised
from lossviz.losses.catalogue import CATEGORIES, catalogue
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.formula import evaluate
from lossviz.losses.lattice import MAX_ROWS, lattice, overlay_knobs, overlay_lattice, sibling, strides
from lossviz.losses.link import PanelState, from_link, to_link
from lossviz.losses.worked import active_branch, formula_value, named_numbers, worked

ENTRIES = list(catalogue().values())
SAMPLES = 100
MAX_BYTES = 500_000
BEYOND_NN_LOSS = {
    "AdaptiveLogSoftmaxWithLoss",
    "sigmoid_focal_loss",
    "generalized_box_iou_loss",
    "distance_box_iou_loss",
    "complete_box_iou_loss",
}
"""Losses that PyTorch keeps elsewhere than in torch.nn.modules.loss."""

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def random_settings(entry: LossEntry, seed: int) -> dict[str, float | str]:
    """A setting drawn from the lattice of the knobs and the options' labels."""
    draw = random.Random(seed)
    settings: dict[str, float | str] = {knob.key: draw.choice(knob.values) for knob in entry.knobs}
    return settings | {option.key: draw.choice(list(option.choices)) for option in entry.options}


def numbers_of(entry: LossEntry, settings: Settings) -> dict[str, float]:
    """The knobs of a setting."""
    return {knob.key: float(settings[knob.key]) for knob in entry.knobs}


def near(value: float, *, rel: float = 1e-5, absolute: float = 2e-6) -> object:
    """A number that torch gives in float32, by another way through the same operations."""
    return pytest.approx(value, rel=rel, abs=absolute, nan_ok=True)


def in_float64(value: float) -> object:
    """A number that plain arithmetic and torch give in float64; one that is itself large has only its digits."""
    return pytest.approx(value, abs=1e-10, rel=1e-12, nan_ok=True)


@contextmanager
def float64() -> Iterator[None]:
    """Let torch compute in float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def option_settings(entry: LossEntry) -> list[dict[str, float | str]]:
    """Every combination of the options' labels, or fifty of them, the knobs at their defaults."""
    labels = [[(option.key, label) for label in option.choices] for option in entry.options]
    every = [entry.defaults | dict(combination) for combination in itertools.product(*labels)]
    return every if len(every) <= 50 else random.Random(4).sample(every, 50)


def row_at(entry: LossEntry, settings: Settings) -> int:
    """The number of a setting's row in the lattice."""
    stride = strides(entry.knobs)
    return sum(stride[knob.key] * knob.index(float(settings[knob.key])) for knob in entry.knobs)


def run_program(code: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run a program in a namespace of its own and give the lines it prints."""
    script = folder / "program.py"
    script.write_text(code, encoding="utf-8")
    runpy.run_path(str(script))
    return capsys.readouterr().out.splitlines()


def test_every_loss_of_the_installed_torch_has_an_entry() -> None:
    known = set(catalogue()) | {alias for entry in ENTRIES for alias in entry.aliases}
    assert set(torch_losses.__all__) | BEYOND_NN_LOSS <= known


def test_an_entry_that_the_installed_torch_lacks_is_the_exception() -> None:
    assert [entry.name for entry in ENTRIES if not available(entry) and not entry.since] == []
    assert not available(replace(ENTRIES[0], name="SomeLaterLoss"))


@every_entry
def test_the_entry_names_torch_and_its_arguments(entry: LossEntry) -> None:
    assert entry.category in CATEGORIES
    declared = signature(entry)
    assert declared.startswith(f"{entry.torch_name}(")
    for name in entry.parameters:
        assert f"{name}=" in declared or f"{name}," in declared
    assert len({*entry.knob_defaults, *(option.key for option in entry.options)}) == len(entry.defaults)
    assert all(key.isidentifier() for key in entry.defaults)


@every_entry
def test_every_text_is_there(entry: LossEntry) -> None:
    assert entry.title
    assert entry.summary.endswith(".")
    # It stands beside the switch, in one line.
    assert len(entry.summary) <= 110
    assert entry.use
    assert entry.avoid
    assert len(entry.presets) >= 2
    assert entry.corrections
    assert len(entry.edges) >= 2
    assert all(source.url.startswith("https://") for source in entry.sources)
    assert "pytorch.org" in entry.sources[0].url
    assert all(knob.help for knob in entry.knobs)
    assert all(option.help for option in entry.options)


@every_entry
def test_the_formula_is_what_torch_computes(entry: LossEntry) -> None:
    draw = random.Random(1)
    with float64():
        for seed in range(SAMPLES):
            # Anywhere in the range, not only on the lattice.
            settings = random_settings(entry, seed)
            settings |= {knob.key: draw.uniform(knob.low, knob.high) for knob in entry.knobs}
            said = exact(entry, settings)
            loss, gradient = formula_value(entry, settings)
            assert loss == in_float64(said.loss), settings
            assert gradient == in_float64(said.gradient), settings


@every_entry
def test_the_formula_holds_at_the_extremes(entry: LossEntry) -> None:
    ends = [(knob.key, (knob.low, knob.default, knob.high)) for knob in entry.knobs]
    corners = [
        dict(zip([key for key, _ in ends], corner, strict=True))
        for corner in itertools.product(*(values for _, values in ends))
    ]
    corners = corners if len(corners) <= 60 else random.Random(2).sample(corners, 60)
    with float64():
        for place, corner in enumerate(corners):
            settings = random_settings(entry, place) | corner
            said = exact(entry, settings)
            loss, gradient = formula_value(entry, settings)
            assert loss == in_float64(said.loss), settings
            assert gradient == in_float64(said.gradient), settings


@every_entry
def test_exactly_one_case_of_the_formula_applies(entry: LossEntry) -> None:
    for seed in range(SAMPLES):
        settings = random_settings(entry, seed)
        numbers = named_numbers(entry, settings)
        holding = [b for b in entry.branches if not b.when or evaluate(b.when, numbers)]
        assert len(holding) == 1, settings
        assert active_branch(entry, settings) is holding[0]
        assert [w.name for w in worked(entry, settings) if w.active] == [holding[0].name]


@every_entry
def test_the_worked_formula_speaks_in_symbols(entry: LossEntry) -> None:
    settings = random_settings(entry, 3)
    written = "".join(b.formula + b.gradient for b in worked(entry, settings))
    for key in entry.knob_defaults:
        assert key == entry.symbols[key] or key not in written.replace(rf"\{key}", "")


@pytest.mark.parametrize("entry", [e for e in ENTRIES if "curve" in e.views], ids=lambda entry: entry.name)
def test_a_gradient_jumps_at_each_kink_and_only_there(entry: LossEntry) -> None:
    tiny = 1e-6
    for seed in range(SAMPLES // 2):
        settings = random_settings(entry, seed)
        numbers = named_numbers(entry, settings)
        present = [k for k in entry.kinks if not k.when or evaluate(k.when, numbers)]
        jumps = {round(float(evaluate(kink.at, numbers)), 6) for kink in present}
        # Beyond its ends the knob may leave what torch allows.
        within = entry.axis.values[1:-1]
        at = torch.tensor(within, dtype=torch.float64)
        sides = []
        with float64():
            for shift in (-tiny, tiny):
                columns = {k: torch.full_like(at, v) for k, v in numbers_of(entry, settings).items()}
                columns[entry.axis.key] = at + shift
                said = vectorised(entry, columns, settings)
                # The edge of where the loss is a number at all is no kink.
                sides.append(said["gradient"].where(said["loss"].isfinite(), torch.nan))
        # Steep is not a jump: beyond what the slope makes of the step it must change by a hundredth of the picture.
        low, high = entry.gradient_window
        difference = (sides[1] - sides[0]).abs()
        jumping = {
            v for v, jump in zip(within, difference.tolist(), strict=True) if jump > (high - low) / 400
        }
        inside = {j for j in jumps if entry.axis.low < j < entry.axis.high}
        on_lattice = {j for j in inside if math.isclose(entry.axis.snap(j), j, abs_tol=1e-6)}
        assert sorted(jumping) == pytest.approx(sorted(on_lattice)), settings


@every_entry
def test_the_lattice_is_torch_and_fits_a_page(entry: LossEntry) -> None:
    for place, setting in enumerate(option_settings(entry)):
        table = lattice(entry, entry.chosen(setting))
        assert len(table) == entry.lattice_size <= MAX_ROWS
        assert table.memory_usage(index=False).sum() <= MAX_BYTES
        for seed in range(max(3, SAMPLES // len(option_settings(entry)))):
            settings = setting | numbers_of(entry, random_settings(entry, seed + place))
            row = table.iloc[row_at(entry, settings)]
            said = exact(entry, settings)
            assert row["loss"] == near(said.loss), settings
            assert row["gradient"] == near(said.gradient), settings
            for probe in entry.probes:
                for column, value in zip(probe.columns, said.probes[probe.key], strict=True):
                    assert row[column] == near(value), (column, settings)


@every_entry
def test_an_overlay_is_the_sibling_at_the_same_settings(entry: LossEntry) -> None:
    for name, renamed in entry.overlays.items():
        laid, knobs_followed = sibling(entry, name), overlay_knobs(entry, name)
        stride = strides(knobs_followed)
        for seed in range(20):
            settings = random_settings(entry, seed)
            table = overlay_lattice(entry, name, entry.chosen(settings))
            row = table.iloc[sum(stride[k.key] * k.index(float(settings[k.key])) for k in knobs_followed)]
            own: dict[str, float | str] = {
                k.key: settings.get(renamed.get(k.key, k.key), k.default) for k in laid.knobs
            }
            for option in laid.options:
                label = str(settings.get(renamed.get(option.key, option.key), option.default))
                own[option.key] = label if label in option.choices else option.default
            if any(
                not k.low <= float(own[k.key]) <= k.high
                for k in laid.knobs
                if k.key in laid.parameters.values()
            ):
                assert np.isnan(row["loss"])
            else:
                assert row["loss"] == near(exact(laid, own).loss), settings


@every_entry
def test_many_settings_in_one_call_give_the_same_as_one_by_one(entry: LossEntry) -> None:
    settings = [random_settings(entry, seed) for seed in range(10)]
    knobs = numbers_of(entry, settings[0])
    shared = {key: value for key, value in settings[0].items() if key not in knobs}
    shared |= {key: knobs[key] for key in map(str, entry.parameters.values()) if key in knobs}
    columns = {k.key: torch.tensor([float(s[k.key]) for s in settings]) for k in entry.knobs}
    found = vectorised(entry, columns, shared)
    for place, setting in enumerate(settings):
        said = exact(entry, setting | shared)
        assert found["loss"][place].item() == near(said.loss)
        assert found["gradient"][place].item() == near(said.gradient)


@every_entry
def test_the_printed_code_gives_the_number_shown(
    entry: LossEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [entry.defaults, *(entry.defaults | dict(preset.settings) for preset in entry.presets)]
    settings += [random_settings(entry, seed) for seed in range(10)]
    for setting in settings:
        said = exact(entry, setting)
        code = program(entry, setting)
        assert code.startswith("import torch\n")
        assert run_program(code, tmp_path, capsys) == [shown(said.loss)], code
        code = program(entry, setting, whole=True)
        assert code.startswith("import torch\n")
        *probes, gradient, loss = run_program(code, tmp_path, capsys)
        assert (gradient, loss) == (f"gradient {shown(said.gradient)}", shown(said.loss)), code
        names = [probe.key.replace("_", " ") for probe in entry.probes]
        assert probes == [
            f"{name} {' '.join(map(shown, said.probes[probe.key]))}"
            for name, probe in zip(names, entry.probes, strict=True)
        ]


@every_entry
def test_the_printed_code_is_as_wide_as_a_page(entry: LossEntry) -> None:
    settings = [entry.defaults, *(entry.defaults | dict(preset.settings) for preset in entry.presets)]
    settings += option_settings(entry)
    for option in entry.options:
        settings += [entry.defaults | {option.key: label} for label in option.choices]
    # The numbers with the most letters.
    settings += [
        setting | {knob.key: max(knob.values, key=lambda value: len(str(value))) for knob in entry.knobs}
        for setting in settings
    ]
    for setting in settings:
        for whole in (False, True):
            code = program(entry, setting, whole=whole)
            assert [line for line in code.splitlines() if len(line) > 88] == []


@every_entry
def test_the_essential_lines_ask_for_no_gradient(entry: LossEntry) -> None:
    code, whole = (program(entry, entry.defaults, whole=whole) for whole in (False, True))
    assert "grad" not in code
    assert "loss.backward()" not in code
    assert whole.count("\nloss.backward()\n") == 1
    assert len(code.splitlines()) < len(whole.splitlines())


@every_entry
def test_the_corrections_print_their_evidence(
    entry: LossEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for correction in entry.corrections:
        assert run_program(correction.code, tmp_path, capsys) == correction.prints.splitlines()


@every_entry
def test_the_presets_lie_on_the_lattice_and_name_siblings(entry: LossEntry) -> None:
    for preset in entry.presets:
        assert set(preset.settings) <= set(entry.defaults)
        for knob in entry.knobs:
            value = float(preset.settings.get(knob.key, knob.default))
            assert knob.snap(value) == value
        for option in entry.options:
            assert preset.settings.get(option.key, option.default) in option.choices
        assert set(preset.overlays) <= set(entry.overlays)
    assert len({preset.key for preset in entry.presets}) == len(entry.presets)


@every_entry
def test_a_batch_is_five_to_ten_rows_of_the_entrys_own(entry: LossEntry) -> None:
    if entry.batch is None:
        return
    assert 5 <= len(entry.batch.rows) <= 10
    for row in entry.batch.rows:
        assert set(row) <= set(entry.batch_keys)
        for option in entry.options:
            assert row.get(option.key, option.default) in option.choices


@every_entry
def test_a_link_brings_back_the_state(entry: LossEntry) -> None:
    for seed in range(20):
        state = PanelState(entry, random_settings(entry, seed), tuple(entry.overlays)[: seed % 4])
        opened = from_link(entry.category, to_link(state))
        assert opened.problems == ()
        assert opened.state == state


def test_siblings_stand_in_the_same_category() -> None:
    for entry in ENTRIES:
        assert {sibling(entry, name).category for name in entry.overlays} <= {entry.category}
