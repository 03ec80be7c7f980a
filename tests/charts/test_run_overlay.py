"""Several runs in one picture: the spec finds its data, names keep apart, what is no number is not drawn."""

from __future__ import annotations

import itertools
import math

import pandas as pd
import pytest

from lossviz.charts.run_overlay import Kind, Run, alt_text, datasets, shares_fit, spec
from tests.charts.test_picture import named_data

KINDS: tuple[Kind, ...] = ("accuracy", "loss", "share", "error")


def run(name: str, losses: tuple[float, ...] = (2.0, 1.0, 0.5), accuracy: float = 0.8) -> Run:
    """A run with a validation and a train line for every measure."""
    rows = []
    for epoch, loss in enumerate(losses):
        right = accuracy if epoch else 0.1
        for line in ("validation", "train, after the epoch"):
            rows += [
                (epoch, "loss", line, loss, 100),
                (epoch, "accuracy", line, right, 100),
                (epoch, "mean squared error", line, loss / 10, 100),
            ]
        rows.append((epoch, "loss", "train, during the epoch", loss, 100))
    return Run(name, pd.DataFrame(rows, columns=["epoch", "measure", "line", "value", "images"]), 4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_spec_finds_its_data(kind: Kind) -> None:
    data = datasets(kind, [run("one"), run("two")], "drawn garments")
    assert named_data(spec(kind)) == set(data)
    assert set(data["points"]["line"]) == {"validation", "train"}
    assert set(data["points"]["run"]) == {"one", "two"}
    assert data["points"]["role"].nunique() == 2
    assert data["about"]["text"].tolist() == ["drawn garments"]
    assert data["frame"]["epoch"].tolist() == [0.0, 4.0]
    assert alt_text(kind)


def test_a_share_begins_at_one_and_needs_a_start_above_zero() -> None:
    points = datasets("share", [run("one", (4.0, 2.0)), run("two", (0.1, 0.2))], "")["points"]
    values = points.loc[points["line"] == "validation"].groupby("run")["value"].apply(list).to_dict()
    assert values == {"one": [1.0, 0.5], "two": [1.0, 2.0]}
    assert shares_fit([run("one")])
    assert not shares_fit([run("one"), run("negative", (-1.0, -2.0))])
    assert shares_fit([])


def test_names_keep_apart_and_inside_the_picture() -> None:
    for kind in KINDS:
        data = datasets(kind, [run(str(n), (2.0, 1.0)) for n in range(4)], "")
        places, (low, high) = data["labels"]["place"].tolist(), data["frame"]["drawn"].tolist()
        gaps = [after - before for before, after in itertools.pairwise(places)]
        assert min(gaps) > 0.05 * (high - low)
        assert low <= places[0]
        assert places[-1] <= high
        assert sorted(data["labels"]["text"]) == ["0", "1", "2", "3"]


def test_a_close_look_leaves_out_where_they_began() -> None:
    runs = [run("one", accuracy=0.85), run("two", accuracy=0.88)]
    assert datasets("accuracy", runs, "")["frame"]["drawn"].tolist() == [0.0, 1.0]
    close = datasets("accuracy", runs, "", closely=True)
    assert close["frame"]["drawn"].tolist() == [0.8, 1.0]
    assert close["points"]["epoch"].min() == 1


def test_a_run_that_diverges_is_named_so_and_a_large_loss_stays_inside() -> None:
    data = datasets("loss", [run("bad", (2.0, math.inf, math.nan)), run("large", (2.0, 1e6, 1e3))], "")
    assert "bad: not finite" in data["labels"]["text"].tolist()
    assert data["points"]["value"].max() == 1e6
    assert data["points"]["drawn"].max() == data["frame"]["drawn"].max() == 100.0


def test_runs_without_a_point_yet_and_too_many_runs() -> None:
    nothing = Run("queued", pd.DataFrame(columns=["epoch", "measure", "line", "value", "images"]), 4)
    assert datasets("loss", [nothing], "")["labels"]["text"].tolist() == ["queued"]
    assert len(datasets("accuracy", [], "")["points"]) == 0
    with pytest.raises(ValueError, match="At most 4"):
        datasets("loss", [run(str(n)) for n in range(5)], "")
