"""Measures other solvers on the instances that `cargo bench --bench pairing -- --save FOLDER` wrote: one line of JSON each.

    pairing.py FOLDER OURS.jsonl PEERS [--budget SECONDS]

OURS.jsonl is what that run printed; PEERS is the program of the Rust peers in `crates/`. A peer whose total differs from ours
ends the run. Times are processor time in milliseconds (medians in Python, means in Rust), without reading the instance. A peer that took too long for
one size is not asked about a larger one.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import lap
import numpy as np
from lapjv import lapjv
from matching.games import StableMarriage
from ortools.graph.python import linear_sum_assignment as ortools_assignment
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment
from tasks import TASK

RUNS_MAX = 7
# A peer's work grows at least with the square of the size.
GROWTH = 2


def arcs(weights):
    rows, columns = weights.shape
    return np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)


def scipy(weights):
    return lambda: weights[linear_sum_assignment(weights, maximize=True)].sum()


def lapx(variant):
    def prepare(weights):
        cost, solve = (weights.max() - weights).astype(np.float64), getattr(lap, variant)

        def run():
            answer = solve(cost)
            columns = answer[1] if variant in ("lapjv", "lapjvr") else answer[2]
            return weights[np.arange(len(weights)), columns].sum()

        return run

    return prepare


def lapjv_pypi(weights):
    cost = (weights.max() - weights).astype(np.float64)
    return lambda: weights[np.arange(len(weights)), lapjv(cost, force_doubles=True)[0]].sum()


def ortools(weights):
    a, b = arcs(weights)
    costs = (weights.max() - weights).ravel().astype(np.int64)

    def run():
        solver = ortools_assignment.SimpleLinearSumAssignment()
        solver.add_arcs_with_cost(a, b, costs)
        assert solver.solve() == solver.OPTIMAL
        return int(weights.max()) * len(weights) - solver.optimal_cost()

    return run


def ortools_flow(capacity):
    def prepare(weights):
        rows, columns = weights.shape
        a, b = arcs(weights)

        def run():
            flow, source, sink = min_cost_flow.SimpleMinCostFlow(), rows + columns, rows + columns + 1
            flow.add_arcs_with_capacity_and_unit_cost(a, rows + b, np.ones(a.size, int), -weights.ravel().astype(np.int64))
            for node in range(rows):
                flow.add_arc_with_capacity_and_unit_cost(source, node, capacity, 0)
            for node in range(columns):
                flow.add_arc_with_capacity_and_unit_cost(rows + node, sink, capacity, 0)
            flow.add_arc_with_capacity_and_unit_cost(source, sink, rows * capacity, 0)
            flow.set_node_supply(source, rows * capacity)
            flow.set_node_supply(sink, -rows * capacity)
            assert flow.solve() == flow.OPTIMAL
            return -flow.optimal_cost()

        return run

    return prepare


def matching_pypi(a, b):
    def run():
        likes_a, likes_b = np.argsort(-a, axis=1, kind="stable"), np.argsort(-b, axis=1, kind="stable")
        rows = {f"a{at}": [f"b{other}" for other in order] for at, order in enumerate(likes_a.tolist())}
        columns = {f"b{at}": [f"a{other}" for other in order] for at, order in enumerate(likes_b.tolist())}
        pairs = StableMarriage.create_from_dictionaries(rows, columns).solve().items()
        return sum(int(a[int(str(one)[1:]), int(str(other)[1:])]) for one, other in pairs)

    return run


ASSIGNMENT = {
    "SciPy": scipy,
    "lapx lapjv": lapx("lapjv"),
    "lapx lapjvs": lapx("lapjvs"),
    "lapjv (PyPI)": lapjv_pypi,
    "OR-tools assignment": ortools,
}
RUST_ASSIGNMENT = {"lapjv (crate)": "lapjv", "pathfinding": "pathfinding"}
RUST_STABLE = {"stable_matching": "stable_matching"}


def measured(run, budget):
    """Median of processor time in ms, and the answer."""
    times, began = [], time.perf_counter()
    while not times or (len(times) < RUNS_MAX and time.perf_counter() - began < budget):
        before = time.process_time()
        total = run()
        times.append((time.process_time() - before) * 1e3)
    return statistics.median(times), int(total)


def rust(program, solver, budget, files):
    """The same by a Rust peer."""
    told = subprocess.run([program, solver, str(budget), *map(str, files)], check=True, capture_output=True, text=True)
    answer = json.loads(told.stdout)
    return answer["processor_ms"], answer["total"]


def peers(kind, task, capacity, arguments):
    """Name and measurement of whoever can solve a task."""

    def matrix(name):
        return np.load(arguments.folder / f"{name}.npy")

    def file(name):
        return arguments.folder / f"{name}.npy"

    if kind == "stable":
        a, b = f"{task}-a", f"{task}-b"
        yield "matching (PyPI)", lambda: measured(matching_pypi(matrix(a), matrix(b)), arguments.budget)
        for name, solver in RUST_STABLE.items():
            yield name, lambda: rust(arguments.peers, solver, arguments.budget, [file(a), file(b)])
    elif kind == "total-value" and capacity == 1:
        for name, prepare in ASSIGNMENT.items():
            yield name, lambda: measured(prepare(matrix(task)), arguments.budget)
        for name, solver in RUST_ASSIGNMENT.items():
            yield name, lambda: rust(arguments.peers, solver, arguments.budget, [file(task)])
    elif kind == "total-value":
        yield "OR-tools flow", lambda: measured(ortools_flow(capacity)(matrix(task)), arguments.budget)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("ours", type=Path)
    parser.add_argument("peers")
    parser.add_argument("--budget", type=float, default=3.0, help="seconds for the runs of one peer on one instance")
    parser.add_argument("--longest", type=float, default=30.0, help="seconds that one run may be expected to take")
    arguments = parser.parse_args()
    # Of each peer and family the size and time of the largest instance so far.
    slowest = {}
    for line in arguments.ours.read_text().splitlines():
        ours = json.loads(line)
        kind, family, size, capacity = TASK.fullmatch(ours["task"]).groups()
        size, capacity = int(size), int(capacity or 1)
        for name, measure in peers(kind, ours["task"], capacity, arguments):
            before_size, before_ms = slowest.get((kind, family, capacity, name), (size, 0))
            expected = before_ms / 1e3 * (size / before_size) ** GROWTH
            if expected > arguments.longest:
                print(json.dumps({"task": ours["task"], "peer": name, "expected_s": round(expected)}), flush=True)
                continue
            median, total = measure()
            slowest[kind, family, capacity, name] = (size, median)
            if total != ours["total"]:
                raise ValueError(f"{name} finds {total} for {ours['task']}, we {ours['total']}")
            print(json.dumps({"task": ours["task"], "peer": name, "processor_ms": round(median, 4)}), flush=True)


if __name__ == "__main__":
    # The package `matching` copies its players by a recursion as deep as there are pairs of them.
    sys.setrecursionlimit(10**7)
    threading.stack_size(1 << 30)
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(main()))
    thread.start()
    thread.join()
    sys.exit(0 if outcome else 1)
