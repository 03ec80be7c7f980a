"""Running a snippet: what it prints, raises and warns of, and that nothing of it stays behind."""

from __future__ import annotations

import threading
import warnings

import pytest
import torch

from lossviz.losses import snippet
from lossviz.losses.entry import Edge
from lossviz.losses.snippet import run, said
from lossviz.losses.warned import listening
from tests.patience import PATIENCE


def test_prints_are_caught_and_nobody_elses_words(capsys: pytest.CaptureFixture[str]) -> None:
    code = "def say(x):\n    print(x, 2, sep='-', end='!\\n')\n\nsay(1)\nprint()\nprint('a\\nb')"
    assert run(code).printed == ("1-2!", "", "a", "b")
    assert capsys.readouterr().out == ""


def test_an_error_is_told_in_torchs_words_after_what_was_printed_before() -> None:
    outcome = run("import torch\nprint('first')\ntorch.nn.HuberLoss(delta=0.0)(torch.ones(1), torch.ones(1))")
    assert outcome.printed == ("first",)
    assert outcome.error == "RuntimeError: huber_loss does not support non-positive values for delta."
    assert outcome.said.splitlines() == ["first", outcome.error]


def test_a_warning_is_told_every_time() -> None:
    code = "import torch\nprint(torch.nn.L1Loss()(torch.ones(2), torch.ones(2, 1)).item())"
    outcomes = [run(code + "\n" * blank) for blank in range(2)]
    for outcome in outcomes:
        assert outcome.printed == ("0.0",)
        assert len(outcome.warnings) == 1
        assert outcome.warnings[0].startswith("UserWarning: Using a target size (torch.Size([2, 1]))")
        assert outcome.said == "0.0\n" + outcome.warnings[0]


def test_where_torch_keeps_a_warning_is_left_out() -> None:
    code = "import warnings\nwarnings.warn('Old. (Triggered internally at /a/b.cpp:12.)')"
    assert run(code).warnings == ("UserWarning: Old.",)


def test_warnings_of_other_threads_go_where_they_went() -> None:
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait(PATIENCE)
        warnings.warn("from elsewhere", UserWarning, stacklevel=1)
        done.set()

    with warnings.catch_warnings(record=True) as elsewhere:
        warnings.simplefilter("always")
        thread = threading.Thread(target=other)
        thread.start()
        with listening() as heard:
            inside.set()
            assert done.wait(PATIENCE)
            warnings.warn("from here", UserWarning, stacklevel=1)
        thread.join(PATIENCE)
    assert heard == ["UserWarning: from here"]
    assert [str(warning.message) for warning in elsewhere] == ["from elsewhere"]


def test_torch_is_left_as_it_was() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
        "torch.manual_seed(1)\ntorch.rand(7)\nraise ValueError('stop')"
    )
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert not torch.is_warn_always_enabled()
    assert torch.equal(torch.rand(3), expected)


def test_a_snippet_is_run_once() -> None:
    code = "import random\nprint(random.random())"
    assert run(code) is run(code)


def test_what_is_refused_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snippet, "run", lambda code: pytest.fail(f"ran {code}"))
    edge = Edge("t", "import torch", "lossviz's own words", "s", "f", "pass", "", refused=True)
    assert said(edge) == "lossviz's own words"
