"""Numbers in a picture, written by the browser as :func:`lossviz.losses.digits.shown` writes them beside it.

d3's own formats differ from Python's: another minus sign, another place where exponents begin, exponents of one digit,
and of two neighbours that are equally near the larger one, where Python takes the even one.
"""

from __future__ import annotations

from lossviz.losses.entry import LossEntry
from lossviz.losses.plain_symbol import gradient_name

_TIE_DOWN = "(1 - 1e-12)"
"""What makes a number that lies in the middle between two of six digits fall to the lower one, and hides no digit."""


def number(value: str, digits: int = 6) -> str:
    """The Vega expression that writes a value as Python's format ``z.6g`` does.

    Args:
        value: The expression for the value. Null counts as not a number: Arrow has no NaN in a column from pandas.
        digits: How many significant digits it has, at least 2; fewer than six where there is no room.
    """
    finite = f"abs({value})"
    # A float that lies in the middle has few digits, so twenty show whether one does, and over an even digit.
    middle = f"test(regexp('^[0-9].[0-9]{{{digits - 2}}}[02468]50*e'), format({finite}, '.20e'))"
    size = f"({finite} * ({middle} ? {_TIE_DOWN} : 1))"
    # By its rounded value: 999999.5 has an exponent.
    power = f"toNumber(split(format({size}, '.{digits - 1}e'), 'e')[1])"
    long = f"replace(format({size}, '.{digits - 1}~e'), regexp('[+-](?=[0-9]$)'), '$&0')"
    written = f"({power} < -4 || {power} >= {digits} ? {long} : format({size}, '.{digits}~g'))"
    return (
        f"(!isNumber({value}) || isNaN({value}) ? 'nan' : {value} == 0 ? '0' : "
        f"({value} < 0 ? '-' : '') + (isFinite({value}) ? {written} : 'inf'))"
    )


def reading(entry: LossEntry) -> str:
    """The Vega expression for what every picture says: the loss and its gradient by name, fields of the row."""
    slope = gradient_name(entry)
    return f"'loss ' + {number('datum.loss')} + ' · {slope} ' + {number('datum.gradient')}"
