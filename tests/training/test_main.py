"""The command line: JSON lines out, statuses that scripts can read."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from lossviz.training.__main__ import _settings, main
from lossviz.training.child_process import environment
from lossviz.training.settings import Settings
from tests.patience import PATIENCE

COMMAND = [sys.executable, "-m", "lossviz.training"]


def variables(home: Path) -> dict[str, str]:
    kept = environment()
    kept.pop("LOSSVIZ_DATA", None)
    return {**kept, "LOSSVIZ_HOME": str(home)}


def test_a_run_ends_with_finished(data_home: Path, data_kind: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--data", data_kind, "--model", "mlp", "--epochs", "2", "--train-size", "1000", "--seed", "3"],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env=variables(data_home),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["event"] for event in events if event["event"] != "preparing"]
    assert kinds[:3] == ["started", "initial", "steps"]
    assert kinds[-1] == "finished"
    assert events[-1]["test_accuracy"] > 0.3
    [started] = [event for event in events if event["event"] == "started"]
    assert (started["settings"]["seed"], started["validation_images"]) == (3, 100)


def test_another_task_is_trained_with_its_losss_arguments(data_home: Path, data_kind: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--data", data_kind, "--model", "mlp", "--epochs", "1", "--train-size", "500",
         "--loss", "TripletMarginLoss", "--margin", "0.5", "--swap", "true"],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env=variables(data_home),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    [started] = [event for event in events if event["event"] == "started"]
    assert started["settings"]["arguments"] == {"margin": 0.5, "swap": True}
    assert (started["settings"]["task"], started["task"]) == ("embed", "embed")
    [epoch] = [event for event in events if event["event"] == "epoch"]
    assert len(epoch["plane"]["labels"]) == 50
    assert events[-1]["event"] == "finished"
    assert set(events[-1]["metrics"]) == {"active share"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--epochs", "0"], "epochs is 0"),
        (["--epochs", "two"], "argument --epochs: “two” is not a number"),
        (["--epochs", "2,5"], "epochs is 2.5; it must be a whole number from 1 to 50."),
        (["--train-size", "1_000"], "argument --train-size: “1_000” has an underscore in it: write 1000"),
        (["--learning-rate", "1,500"], "--learning-rate: “1,500” can be 1.5 or 1500: write 1.5 or 1500"),
        (["--learning-rate", "1e-60"], "torch would make it 0"),
        (["--learning-rate", "0,5", "--epochs", "-1"], "epochs is -1"),
        (["--learning-rate", "nan"], "learning_rate is nan"),
        (["--model", "vgg"], "invalid choice"),
        (["--flavour", "sweet"], "unrecognized arguments"),
        (["--loss", "NLLLoss", "--label-smoothing", "0.1"], "CrossEntropyLoss"),
        (["--loss", "CTCLoss"], "CTCLoss cannot train here"),
        (["--loss", "MSELos"], "did you mean MSELoss?"),
        (["--loss", "TripletMarginLoss", "--task", "classify"], "Choose the task embed"),
        (["--loss", "HuberLoss", "--delta", "0"], "delta is “0”; it must be a number from 0.001 to 10"),
        (["--loss", "HuberLoss", "--delta", "wide"], "delta is “wide”, which is not a number; it must be"),
        (["--loss", "HuberLoss", "--delta", "wide", "--epochs", "0"], "epochs is 0"),
        (["--loss", "HuberLoss", "--delta", "1,500"], "can be 1.5 or 1500: write 1.5 or 1500; it must be"),
        (["--weight", "1,5 2"], "one a class, separated by spaces, semicolons, or a comma with a space"),
        (["--beta", "1"], "'beta' is no setting of CrossEntropyLoss"),
        (["--task", "embed", "--swap", "perhaps"], "it must be true or false"),
        (["--mistake", "target-shape"], "it can be softmax-first or sum or one-class-weights"),
        (["--batch-size", "1", "--epochs", "50", "--train-size", "60000"], "steps"),
    ],
)
def test_a_bad_argument_leaves_with_2_and_says_so(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    told = capsys.readouterr()
    assert says in told.err
    assert told.out == ""


def test_numbers_are_typed_as_everywhere() -> None:
    settings = _settings(
        [
            "--learning-rate",
            "0,02",
            "--epochs",
            "3",
            "--weight",
            "1 1; 1, 1,5 1 1 1 1 1 2",
            "--dropout",
            "0,5",
        ]
    )
    assert settings == Settings(
        learning_rate=0.02, epochs=3, dropout=0.5, arguments={"weight": (1, 1, 1, 1.5, 1, 1, 1, 1, 1, 2)}
    )
    assert isinstance(settings.epochs, int)


def test_help_tells_where_the_data_comes_from_and_what_is_held_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    for word in ("LOSSVIZ_DATA", "held out", "6,000", "--train-size", "one-cycle"):
        assert word in told


def test_a_run_that_cannot_be_leaves_with_1(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        COMMAND,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=variables(tmp_path / "file" / "below"),
    )
    assert done.returncode == 1
    [failed] = [json.loads(line) for line in done.stdout.splitlines()]
    assert failed["event"] == "failed"
    assert "LOSSVIZ_HOME" in failed["message"]


def test_ctrl_c_stops_and_keeps_what_was_learned(data_home: Path, data_kind: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "--data", data_kind, "--train-size", "10000", "--epochs", "50"],
        stdout=PIPE, text=True, env=variables(data_home),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert any(json.loads(line)["event"] == "steps" for line in process.stdout)
        process.send_signal(signal.SIGINT)
        last = json.loads(process.stdout.read().splitlines()[-1])
        assert process.wait(timeout=PATIENCE) == 130
    assert last["event"] == "stopped"
    assert Path(last["artefacts"]["predictions"]).is_file()
