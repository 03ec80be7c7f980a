"""A link names runs to compare; what it names wrongly is told."""

from __future__ import annotations

from lossviz.training.compare_link import from_link, to_link

KNOWN = {"a", "b", "c", "d", "e"}


def test_there_and_back() -> None:
    assert from_link(to_link(["b", "a"])["compare"], KNOWN.__contains__) == (("b", "a"), ())


def test_what_cannot_be_used_is_named() -> None:
    ids, problems = from_link(" a ,gone,,a,b", KNOWN.__contains__)
    assert ids == ("a", "b")
    assert len(problems) == 1
    assert "'gone'" in problems[0] or "gone" in problems[0]
    ids, (problem,) = from_link("a,b,c,d,e", KNOWN.__contains__)
    assert (len(ids), "names 5 runs; the first 4" in problem) == (4, True)
    ids, problems = from_link("a,nothing", KNOWN.__contains__)
    assert ids == ("a",)
    assert "shown alone" in problems[-1]


def test_a_hostile_link_is_cut_short() -> None:
    ids, problems = from_link(",".join(f"x{n}" for n in range(100_000)), KNOWN.__contains__)
    assert ids == ()
    assert len(problems) == 4
    assert sum(map(len, problems)) < 1000
