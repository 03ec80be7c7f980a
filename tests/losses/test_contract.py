"""What every entry of the catalogue must hold: one test for all, so a new loss needs none of its own."""

from __future__ import annotations

import random
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

from lossviz.losses.call import axis_position, construct, exact, signature, vectorised
from lossviz.losses.catalogue import CATEGORIES, catalogue
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.formula import evaluate
from lossviz.losses.lattice import MAX_ROWS, lattice, overlay_knobs, overlay_lattice, strides
from lossviz.losses.link import PanelState, from_link, to_link
from lossviz.losses.worked import active_branch, worked

ENTRIES = list(catalogue().values())
SAMPLES = 200
MAX_BYTES = 500_000

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def random_knobs(entry: LossEntry, seed: int) -> dict[str, float]:
    """A setting of the knobs, drawn from their lattice."""
    draw = random.Random(seed)
    return {knob.key: draw.choice(knob.values) for knob in entry.knobs}


def run_program(code: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run a program in a namespace of its own and give the lines it prints."""
    script = folder / "program.py"
    script.write_text(code, encoding="utf-8")
    runpy.run_path(str(script))
    return capsys.readouterr().out.splitlines()


@every_entry
def test_the_entry_names_a_class_of_torch_and_its_arguments(entry: LossEntry) -> None:
    assert issubclass(getattr(torch.nn, entry.name), torch.nn.Module)
    assert entry.category in CATEGORIES
    declared = signature(entry)
    assert declared.startswith(f"{entry.torch_name}(")
    for name in entry.parameters:
        assert f"{name}=" in declared


@every_entry
def test_every_text_is_there(entry: LossEntry) -> None:
    assert entry.title
    assert entry.summary.endswith(".")
    assert entry.use
    assert entry.avoid
    assert entry.presets
    assert entry.corrections
    assert all(source.url.startswith("https://") for source in entry.sources)
    assert "pytorch.org" in entry.sources[0].url
    assert all(knob.help for knob in entry.knobs)


@every_entry
def test_the_formula_is_what_torch_computes(entry: LossEntry) -> None:
    draw = random.Random(1)
    for _ in range(SAMPLES):
        # Anywhere in the range, not only on the lattice.
        knobs = {knob.key: draw.uniform(knob.low, knob.high) for knob in entry.knobs}
        tensors = {
            a.name: torch.tensor(
                [knobs[key] for key in a.knobs], dtype=torch.float64, requires_grad=a.learned
            )
            for a in entry.arguments
        }
        loss = construct(entry, knobs, "mean")(*tensors.values())
        owner, position = axis_position(entry)
        (gradient,) = torch.autograd.grad(loss, tensors[owner.name])
        branch = active_branch(entry, knobs)
        assert float(evaluate(branch.loss, knobs)) == pytest.approx(loss.item(), abs=1e-10)
        assert float(evaluate(branch.gradient, knobs)) == pytest.approx(gradient[position].item(), abs=1e-10)


@every_entry
def test_exactly_one_case_of_the_formula_applies(entry: LossEntry) -> None:
    for seed in range(SAMPLES):
        knobs = random_knobs(entry, seed)
        holding = [b for b in entry.branches if not b.when or evaluate(b.when, knobs)]
        assert len(holding) == 1
        assert [w.name for w in worked(entry, knobs) if w.active] == [holding[0].name]


@every_entry
def test_the_worked_numbers_are_the_knobs(entry: LossEntry) -> None:
    knobs = random_knobs(entry, 3)
    for branch in worked(entry, knobs):
        assert "prediction" not in branch.formula + branch.numbers
        for symbol in entry.symbols.values():
            assert symbol in "".join(b.formula for b in worked(entry, knobs))


@every_entry
def test_a_gradient_jumps_at_each_kink_and_only_there(entry: LossEntry) -> None:
    for seed in range(SAMPLES):
        knobs = random_knobs(entry, seed)
        present = [k for k in entry.kinks if not k.when or evaluate(k.when, knobs)]
        jumps = [float(evaluate(kink.at, knobs)) for kink in present]
        owner, _ = axis_position(entry)
        assert owner.learned
        at = torch.tensor(entry.axis.values, dtype=torch.float64)
        tiny = 1e-6
        sides = []
        for shift in (-tiny, tiny):
            columns = {k: torch.full_like(at, v) for k, v in knobs.items()} | {entry.axis.key: at + shift}
            parameters = {key: knobs[key] for key in entry.parameters.values()}
            # float64 resolves the shift.
            tensors = [columns[a.knobs[0]].clone().requires_grad_(a.learned) for a in entry.arguments]
            loss = construct(entry, parameters, "none")(*tensors)
            sides.append(torch.autograd.grad(loss.sum(), tensors[0])[0])
        jumping = [
            v for v, jump in zip(entry.axis.values, (sides[1] - sides[0]).abs(), strict=True) if jump > 1e-2
        ]
        assert jumping == pytest.approx([j for j in jumps if entry.axis.low <= j <= entry.axis.high])


@every_entry
def test_the_lattice_is_torch_and_fits_a_page(entry: LossEntry) -> None:
    table = lattice(entry)
    assert len(table) == entry.lattice_size <= MAX_ROWS
    assert table.memory_usage(index=False).sum() <= MAX_BYTES
    stride = strides(entry.knobs)
    for seed in range(SAMPLES):
        knobs = random_knobs(entry, seed)
        row = table.iloc[sum(stride[knob.key] * knob.index(knobs[knob.key]) for knob in entry.knobs)]
        said = exact(entry, knobs)
        assert row["loss"] == pytest.approx(said.loss, rel=1e-6, abs=1e-7)
        assert row["gradient"] == pytest.approx(said.gradient, rel=1e-6, abs=1e-7)


@every_entry
def test_an_overlay_is_the_sibling_at_the_same_knobs(entry: LossEntry) -> None:
    for name, renamed in entry.overlays.items():
        sibling, knobs_followed = catalogue()[name], overlay_knobs(entry, name)
        table, stride = overlay_lattice(entry, name), strides(overlay_knobs(entry, name))
        for seed in range(20):
            knobs = random_knobs(entry, seed)
            row = table.iloc[sum(stride[k.key] * k.index(knobs[k.key]) for k in knobs_followed)]
            own = {k.key: knobs.get(renamed.get(k.key, k.key), k.default) for k in sibling.knobs}
            if any(not k.low <= own[k.key] <= k.high for k in sibling.knobs):
                assert np.isnan(row["loss"])
            else:
                assert row["loss"] == pytest.approx(exact(sibling, own).loss, rel=1e-6, abs=1e-7)


@every_entry
def test_many_settings_in_one_call_give_the_same_as_one_by_one(entry: LossEntry) -> None:
    settings = [random_knobs(entry, seed) for seed in range(10)]
    parameters = {key: settings[0][key] for key in entry.parameters.values()}
    columns = {k.key: torch.tensor([s[k.key] for s in settings]) for k in entry.knobs}
    losses, gradients = vectorised(entry, columns, parameters)
    for setting, loss, gradient in zip(settings, losses.tolist(), gradients.tolist(), strict=True):
        said = exact(entry, setting | parameters)
        assert (loss, gradient) == pytest.approx((said.loss, said.gradient), rel=1e-6, abs=1e-7)


@every_entry
def test_the_printed_code_gives_the_number_shown(
    entry: LossEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [entry.defaults, *(entry.defaults | dict(preset.knobs) for preset in entry.presets)]
    settings += [random_knobs(entry, seed) for seed in range(10)]
    for knobs in settings:
        code = program(entry, knobs)
        assert code.startswith("import torch\n")
        said = exact(entry, knobs)
        printed = run_program(code, tmp_path, capsys)
        assert printed == [f"gradient {shown(said.gradient)}", shown(said.loss)]


@every_entry
def test_the_corrections_print_their_evidence(
    entry: LossEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for correction in entry.corrections:
        assert run_program(correction.code, tmp_path, capsys) == correction.prints.splitlines()


@every_entry
def test_the_presets_lie_on_the_lattice_and_name_siblings(entry: LossEntry) -> None:
    for preset in entry.presets:
        assert set(preset.knobs) <= set(entry.defaults)
        for knob in entry.knobs:
            value = preset.knobs.get(knob.key, knob.default)
            assert knob.snap(value) == value
        assert set(preset.overlays) <= set(entry.overlays)
    assert len({preset.key for preset in entry.presets}) == len(entry.presets)


@every_entry
def test_a_link_brings_back_the_state(entry: LossEntry) -> None:
    for seed in range(20):
        state = PanelState(entry, random_knobs(entry, seed), tuple(entry.overlays)[: seed % 4])
        opened = from_link(entry.category, to_link(state))
        assert opened.problems == ()
        assert opened.state == state


def test_siblings_stand_in_the_same_category() -> None:
    for entry in ENTRIES:
        assert {catalogue()[name].category for name in entry.overlays} <= {entry.category}
