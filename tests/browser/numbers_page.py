"""A page of its own: many numbers, each written by a picture."""

from __future__ import annotations

import math
import random
import struct

import altair as alt
import pandas as pd
import streamlit as st

from lossviz.charts.number_text import number

# Streamlit draws a picture of more than 2,000 marks on a canvas, where no words can be found.
COUNT = 1_900


def values() -> list[float]:
    """Zeros, what is not finite, powers of ten, edges of rounding, ties, and random numbers of all sizes."""
    draw = random.Random(0)
    powers = [10.0**power for power in range(-20, 21)]
    edges = [
        9.999995e-05,
        9.9999949e-05,
        999999.5,
        999999.4999,
        99999.95,
        0.0001,
        1e6,
        123456.5,
        1e22,
        5e-324,
    ]
    # In the middle between two numbers of six digits, over an even digit and over an odd one.
    ties = [1.015625, 1.046875, 100000.5, 100001.5, 0.00048828125, 2.0**-11, 4.0 + 2.0**-6, 1.0 + 3 * 2.0**-6]
    sizes = [draw.uniform(1, 10) * 10.0 ** draw.randint(-12, 9) for _ in range(500)]
    plain = [draw.uniform(-20, 20) for _ in range(200)]
    dyadic = [draw.randint(1, 2**13) / 2.0 ** draw.randint(1, 12) for _ in range(200)]
    found = [0.0, *powers, *edges, *ties, *sizes, *plain, *dyadic]
    single = [struct.unpack("f", struct.pack("f", value))[0] for value in found if abs(value) < 1e38]
    both = [*found, *single]
    draw.shuffle(both)
    kept = [0.0, *powers, *edges, *ties, *both][: COUNT // 2 - 2]
    return [math.inf, math.nan, *kept, *(-value for value in kept), -math.inf]


if __name__ == "__main__":
    table = pd.DataFrame({"place": range(len(values())), "value": values()})
    chart = (
        alt.Chart(alt.NamedData("numbers"))
        .transform_calculate(text=f"datum.place + ' ' + {number('datum.value')}")
        .mark_text()
        .encode(x="place:Q", text="text:N")
    )
    st.vega_lite_chart(None, {**chart.to_dict(), "datasets": {"numbers": table}})
