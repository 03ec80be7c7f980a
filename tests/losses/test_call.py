"""What torch says at one setting carries its warnings, and the server's log stays clean."""

from __future__ import annotations

import warnings

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue

KL_DIVERGENCE = catalogue()["KLDivLoss"]


def test_a_warning_comes_with_the_numbers_and_reaches_nobody_else() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        twice = [exact(KL_DIVERGENCE, KL_DIVERGENCE.defaults | {"reduction": "mean"}) for _ in range(2)]
    assert heard == []
    for said in twice:
        (warning,) = said.warnings
        assert warning.startswith("UserWarning: reduction: 'mean' divides")


def test_what_torch_does_not_warn_of_has_no_warning() -> None:
    assert exact(KL_DIVERGENCE, KL_DIVERGENCE.defaults).warnings == ()
