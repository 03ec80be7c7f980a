"""What a class of thirty costs a server: `python -m benchmarks.capacity`.

Three parts, each on its own with `--only`; the students are sessions over Streamlit's agent API, without browsers.

presses: presses a second that the app answers, as a ratio to those of the minimal page in the same run, with 1, 8 and
    30 sessions that press as soon as they have their answer. The two take turns.
arrival: thirty students open a panel within ten seconds. Waits for the first answer on a server that has just started
    and keeps nothing yet, on one that finds the specs kept by the start before, and on one where each page has been
    opened once. The first two are also given as multiples of the time that Python takes to import torch.
class: thirty students press presets, switch losses, open sections and pages every 2 to 6 seconds, on a fresh server;
    one more trains, run after run. Waits and memory by the minute.

Whoever opens the first panel of a session waits 1.2 s of it by design: the browser is left alone with the picture.
Linux only. The trainer's FashionMNIST comes from LOSSVIZ_DATA. Exit status 1 where a goal is missed: half of the
minimal page's presses a second; the slowest first answer on a fresh server below three imports of torch, where each
page was opened before below 2 s; 95 % of a class's answers within a second, once it has arrived; nothing failed.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.chromium import MINIMAL
from benchmarks.process_memory import family, resident
from benchmarks.students import Answers, Mover, Student, Trainer, presses_a_second
from lossviz.losses.catalogue import CATEGORIES
from tests.live_server import LiveServer, live_server

STUDENTS = 30
ARRIVE_SECONDS = 10.0
CALM_SECONDS = 120.0
"""After so long a class has arrived."""

LEAST_RATIO = 0.5
MOST_IMPORTS = 3.0
MOST_WARM_SECONDS = 2.0
MOST_P95_SECONDS = 1.0


def main() -> None:
    """Print the figures of each part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=("presses", "arrival", "class"), help="one part (default: all)")
    parser.add_argument("--seconds", type=float, default=15, help="of pressing at each turn (default: 15)")
    parser.add_argument("--turns", type=int, default=2, help="of app and minimal page (default: 2)")
    parser.add_argument(
        "--arrivals", type=int, default=2, help="classes that arrive, of each kind (default: 2)"
    )
    parser.add_argument("--minutes", type=float, default=5, help="of the class, more than 2 (default: 5)")
    asked = parser.parse_args()
    if 60 * asked.minutes <= CALM_SECONDS:
        parser.error(
            f"--minutes must be more than {CALM_SECONDS / 60:g}: a class is judged once it has arrived"
        )
    reached = []
    if asked.only in (None, "presses"):
        reached.append(presses(asked.seconds, asked.turns))
    if asked.only in (None, "arrival"):
        reached.append(arrivals(asked.arrivals))
    if asked.only in (None, "class"):
        reached.append(lesson(asked.minutes))
    sys.exit(0 if all(reached) else 1)


def presses(seconds: float, turns: int) -> bool:
    """Presses a second, the app and the minimal page in turn; returns whether the goal is reached."""
    reached = True
    with new_home() as home, live_server(home) as app, live_server(home, script=MINIMAL) as minimal:
        open_each_page(app)
        answers = Answers()
        students = [Student(app, answers, number) for number in range(STUDENTS)]
        movers = [Mover(minimal, answers, number) for number in range(STUDENTS)]
        for student in students:
            student.open()
        for mover in movers:
            mover.open()
        for count in (1, 8, STUDENTS):
            ours, theirs = [], []
            for _ in range(turns):
                ours.append(presses_a_second(students[:count], seconds))
                theirs.append(presses_a_second(movers[:count], seconds))
            ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
            print(
                f"presses: {count:2} sessions, {statistics.median(ours):.1f} a second, "
                f"{ratio:.2f} times the minimal page's; errors {len(answers.errors)}",
                flush=True,
            )
            reached &= ratio >= LEAST_RATIO and not answers.errors
    return reached


def arrivals(repetitions: int) -> bool:
    """The waits for the first answer when a class arrives; returns whether the goals are reached."""
    reached = True
    imports = [torch_import_seconds() for _ in range(3)]
    torch = statistics.median(imports)
    print(f"arrival: python imports torch in {torch:.1f} s ({min(imports):.1f} to {max(imports):.1f})")
    for _ in range(repetitions):
        with new_home() as home:
            with live_server(home) as fresh:
                reached &= say_arrival("fresh server", arrive(fresh), torch, MOST_IMPORTS * torch)
                wait_for_specs(fresh)
            with live_server(home) as kept:
                reached &= say_arrival("fresh server, specs kept", arrive(kept), torch, MOST_IMPORTS * torch)
            with live_server(home) as warm:
                open_each_page(warm)
                reached &= say_arrival("each page opened before", arrive(warm), torch, MOST_WARM_SECONDS)
    return reached


def say_arrival(server: str, answers: Answers, torch: float, most: float) -> bool:
    """Print the waits of a class that has arrived; returns whether none was longer than the most."""
    waits = answers.since(0)
    if not waits:
        print(f"arrival: {server}: no answer; {''.join(answers.errors[:1])}")
        return False
    print(
        f"arrival: {server}: {len(waits)} first answers, median {statistics.median(waits):.2f} s, "
        f"slowest {waits[-1]:.2f} s = {waits[-1] / torch:.2f} imports of torch; errors {len(answers.errors)}",
        flush=True,
    )
    return waits[-1] < most and not answers.errors


def arrive(server: LiveServer) -> Answers:
    """Let thirty students open a panel within ten seconds; returns their waits."""
    answers = Answers()

    def come(number: int) -> None:
        student = Student(server, answers, number)
        time.sleep(student.dice.uniform(0, ARRIVE_SECONDS))
        student.open()

    with ThreadPoolExecutor(STUDENTS) as each:
        list(each.map(come, range(STUDENTS)))
    return answers


def lesson(minutes: float) -> bool:
    """A class on a fresh server, and one who trains; returns whether the goal is reached."""
    with new_home() as home, live_server(home) as server, ThreadPoolExecutor(STUDENTS + 2) as each:
        begin, until = time.monotonic(), time.monotonic() + 60 * minutes
        answers, trained = Answers(), Answers()

        def learn(number: int) -> None:
            student = Student(server, answers, number)
            time.sleep(student.dice.uniform(0, ARRIVE_SECONDS))
            student.open()
            while time.monotonic() < until:
                time.sleep(student.dice.uniform(2, 6))
                student.press()

        def train() -> None:
            trainer = Trainer(server, trained)
            trainer.open()
            trainer.train(until)

        working = [*(each.submit(learn, number) for number in range(STUDENTS)), each.submit(train)]
        for minute in range(1, math.ceil(minutes) + 1):
            time.sleep(max(0.0, min(begin + 60 * minute, until) - time.monotonic()))
            say_minute(server, answers.since(begin + 60 * (minute - 1)), minute)
        for each_one in working:
            each_one.result()
        calm = answers.since(begin + CALM_SECONDS)
        errors = [*answers.errors, *trained.errors]
    print(f"class: {len(answers.seconds)} answers in all, {len(errors)} errors{''.join(errors[:1])}")
    print(f"class: after two minutes: {told(calm)}")
    return bool(calm) and not errors and p95(calm) < MOST_P95_SECONDS


def say_minute(server: LiveServer, waits: Sequence[float], minute: int) -> None:
    """Print a minute of the class: its waits, and the memory at its end."""
    processes = family(server.process.pid)
    alone, whole = resident(processes[:1]) / 1e6, resident(processes) / 1e6
    print(
        f"class: minute {minute}: {told(waits)}; server {alone:.0f} MB, all its processes {whole:.0f}",
        flush=True,
    )


def told(waits: Sequence[float]) -> str:
    """Waits in words; they are sorted."""
    if not waits:
        return "no answer"
    middle = statistics.median(waits)
    return f"{len(waits)} answers, median {middle:.2f} s, p95 {p95(waits):.2f}, slowest {waits[-1]:.2f}"


def p95(waits: Sequence[float]) -> float:
    """What 95 % of the waits do not exceed; they are sorted, and there is one at least."""
    return waits[math.ceil(0.95 * len(waits)) - 1]


@contextmanager
def new_home() -> Iterator[Path]:
    """A home for a server that keeps nothing yet."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        yield Path(home)


def open_each_page(server: LiveServer) -> None:
    """Let one visitor open every page of losses."""
    visitor = Student(server, Answers(), 0)
    for category in CATEGORIES:
        visitor.ask(page=category)


def wait_for_specs(server: LiveServer) -> None:
    """Wait until the process that writes the specs ahead has left.

    Raises:
        RuntimeError: It takes longer than five minutes.
    """
    last = time.monotonic() + 300
    while len(family(server.process.pid)) > 1:
        if time.monotonic() > last:
            raise RuntimeError("the specs are not written")
        time.sleep(0.2)


def torch_import_seconds() -> float:
    """How long Python takes to import torch in a process of its own."""
    code = "import time; t = time.perf_counter(); import torch; print(time.perf_counter() - t)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(ran.stdout)


if __name__ == "__main__":
    main()
