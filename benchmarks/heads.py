"""What last layers cost, as ratios in one run: ``python -m benchmarks.heads``.

Parameters, the time of a training step, and how much memory a step takes on top (on Linux only).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import torch

from lossviz.losses import head_cost
from lossviz.losses.head_cost import TWO_STEPS, Size

CHILD = "--child"


def peak(head: str, size: Size) -> int:
    """How many bytes the process grows at most in a training step, gradients of the weights included."""
    warm_up = head_cost.training_step(head, Size(2, size.features, 100, (10, 50)))
    # What torch needs for its first step of all is not the step's.
    warm_up()
    step = head_cost.training_step(head, size)
    # The peak starts anew from here, see proc(5).
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _status("VmRSS")
    step()
    return _status("VmHWM") - before


def _status(field: str) -> int:
    """A figure of this process from Linux, in bytes."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.M)
    if not found:
        raise RuntimeError(f"/proc/self/status says no {field}; peaks are measured on Linux only")
    return int(found[1]) * 1024


def peak_in_a_process(head: str, size: Size) -> int:
    """The same in a process of its own, that no other head has left memory in."""
    numbers = [str(number) for number in (size.rows, size.features, size.classes, *size.cutoffs)]
    command = [sys.executable, "-m", "benchmarks.heads", CHILD, head, *numbers]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Measure every head and print the figures beside those of the two steps."""
    if sys.argv[1:2] == [CHILD]:
        rows, features, classes, *cutoffs = map(int, sys.argv[3:])
        print(peak(sys.argv[2], Size(rows, features, classes, tuple(cutoffs))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1024, help="targets a step (default: 1024)")
    parser.add_argument("--features", type=int, default=256, help="size of the hidden vector (default: 256)")
    parser.add_argument("--classes", type=int, default=10_000, help="number of classes (default: 10000)")
    parser.add_argument("--repeats", type=int, default=3, help="measured steps (default: 3)")
    given = parser.parse_args()
    size = Size(given.rows, given.features, given.classes, (given.classes // 25, given.classes // 5))
    costs, times = head_cost.costs(size), head_cost.step_times(size, given.repeats)
    peaks = {head: peak_in_a_process(head, size) for head in costs}
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, float32, {size}")
    print(f"all logits of a step: {(costs[TWO_STEPS].logits or 0) / 2**20:.0f} MiB")
    print(f"{'':34}{'parameters':>22}{'step':>18}{'peak of a step':>20}")
    for head, cost in costs.items():
        base = costs[TWO_STEPS].parameters, times[TWO_STEPS], peaks[TWO_STEPS]
        print(
            f"{head:34}{cost.parameters:>12,} x{cost.parameters / base[0]:6.3f}  "
            f"{times[head] * 1000:>8.0f} ms x{times[head] / base[1]:5.2f}  "
            f"{peaks[head] / 2**20:>8.0f} MiB x{peaks[head] / base[2]:5.2f}"
        )


if __name__ == "__main__":
    main()
