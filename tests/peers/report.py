"""Makes one page of Markdown of what the benchmarks printed: report.py FOLDER, where `bench.sh` put it all."""

import json
import os
import platform
import re
import sys
from datetime import date
from pathlib import Path

from tasks import TASK

# What the design wants, and what the best peer took on the machine where it was written: ms of processor time.
GOALS = {
    "total-value-clustered-100-1": (0.03, 0.045),
    "total-value-clustered-1000-1": (1.2, 18),
    "total-value-clustered-5000-1": (80, 1_402),
    "total-value-clustered-1000-5": (10, 324),
    "stable-random-5000": (18, 740),
    "stable-correlated-5000": (150, 1_370),
}
TOPK_GOALS = {10_000: 0.02, 100_000: 0.08, 1_000_000: 0.5}
MATRIX_GOAL = 1_000
KINDS = {"total-value": "assignment", "fair": "max-min fair", "stable": "stable"}


def machine():
    """Processor, memory and system, as the machine tells them."""
    told = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", told)
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / (1 << 20)
    name = model[1].strip() if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def ms(value):
    return f"{value:.3f}" if value < 10 else f"{value:,.0f}"


def ratio(ours, theirs):
    return f"{theirs / ours:,.0f} x" if theirs >= 10 * ours else f"{theirs / ours:.1f} x"


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def pairing(folder):
    yield "| work | enterprises a side | Corridor, ms | goal, ms | best peer, ms | ratio | goal ratio | all peers, ms |"
    yield "|---|--:|--:|--:|---|--:|--:|---|"
    peers = lines(folder / "peers.jsonl")
    for ours in lines(folder / "pairing.jsonl"):
        task, here = ours["task"], ours["processor_ms"]
        kind, family, size, capacity = TASK.fullmatch(task).groups()
        work = f"{KINDS[kind]}, {family}" + (f", {capacity} each" if int(capacity or 1) > 1 else "")
        others = [peer for peer in peers if peer["task"] == task]
        timed = sorted((peer["processor_ms"], peer["peer"]) for peer in others if "processor_ms" in peer)
        told = [f"{name} {ms(time)}" for time, name in timed]
        told += [f"{peer['peer']} left out ({peer['expected_s']:,} s or more)" for peer in others if "expected_s" in peer]
        best = f"{timed[0][1]} {ms(timed[0][0])} | {ratio(here, timed[0][0])}" if timed else "none | "
        goal, margin = (f"{GOALS[task][0]:g}", ratio(*GOALS[task])) if task in GOALS else ("", "")
        yield f"| {work} | {int(size):,} | {ms(here)} | {goal} | {best} | {margin} | {', '.join(told)} |"


def topk(folder):
    figures = {}
    for line in (folder / "topk.tsv").read_text().splitlines():
        name, size, value, unit = line.split("\t")
        figures[name, int(size)] = f"{float(value):,.2f} {unit}", float(value)
    yield "| candidates | Corridor, mean | goal | NumPy | ratio |"
    yield "|--:|--:|--:|--:|--:|"
    peers = lines(folder / "numpy.jsonl")
    for peer in peers:
        size, theirs = peer["size"], peer["processor_ms"]
        ours = figures["top20_mean", size][1] / 1e3
        goal = f"{TOPK_GOALS[size] * 1e3:g} us" if size in TOPK_GOALS else ""
        yield f"| {size:,} | {ours * 1e3:,.0f} us | {goal} | {ms(theirs)} ms | {ratio(ours, theirs)} |"
    yield ""
    matrix = max(value for (name, _), (_, value) in figures.items() if name == "score_matrix")
    theirs = max(peer["size"] / peer["processor_ms"] / 1e3 for peer in peers)
    yield f"All pairs of two sides: {matrix:,.0f} million scores/s (goal {MATRIX_GOAL:,}); NumPy {theirs:,.0f}, {ratio(theirs, matrix)}."
    yield ""
    sizes = sorted({size for _, size in figures})
    yield "| the index | " + " | ".join(f"{size:,}" for size in sizes) + " |"
    yield "|---|" + "--:|" * len(sizes)
    for name in dict.fromkeys(name for name, _ in figures):
        cells = " | ".join(figures.get((name, size), ("", 0))[0] for size in sizes)
        yield f"| {name.replace('_', ' ')} | {cells} |"


def main():
    folder = Path(sys.argv[1])
    print("# Benchmarks\n")
    print("Written by `make bench`, every figure beside a peer in the same run; goals are those of the design.\n")
    print(f"{machine()}; {(folder / 'rustc').read_text().strip()}; {date.today()}.\n")
    print("## Whole pairings\n")
    print("Processor time of one thread; every answer is proved, and a peer whose total differs would have ended the run.\n")
    print("\n".join(pairing(folder)))
    print("\n## The twenty best partners\n")
    print("Processor time of one thread. NumPy scores every candidate by tables of the same shape, without requests and offers.\n")
    print("\n".join(topk(folder)))
    pages = {
        "Partners over gRPC": "partners",
        "The registry beside its engines": "registry",
        "Start, import and memory of both services": "services",
        "The feed to four watchers": "feed",
    }
    for title, name in pages.items():
        print(f"\n## {title}\n")
        print((folder / f"{name}.md").read_text().strip())


if __name__ == "__main__":
    main()
