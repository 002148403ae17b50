"""Gives a second opinion on the solver's answers: reads problems and answers as lines of JSON and ends with 1 on a difference.

Totals come from SciPy's HiGHS, its assignment solver and OR-tools (CP-SAT, minimum cost flow), stable pairs from the package
`matching`, each where it applies. `make oracle` runs it.
"""

import json
import sys
from collections import Counter

import numpy as np
from matching.games import StableMarriage
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

INELIGIBLE = -1
# Solvers that try whole numbers are asked about no more pairs than this.
SMALL = 400


def demands(question):
    """Limits on sums of pairs: a mask of the pairs, fewest, most."""
    rows, columns = question["rows"], question["columns"]
    for row, (least, most) in enumerate(question["a"]):
        mask = np.zeros((rows, columns), bool)
        mask[row] = True
        yield mask, least, most
    for column, (least, most) in enumerate(question["b"]):
        mask = np.zeros((rows, columns), bool)
        mask[:, column] = True
        yield mask, least, most
    for quota in question["quotas"]:
        mask = np.zeros((rows, columns), bool)
        if quota["side"] == 0:
            mask[quota["members"]] = True
        else:
            mask[:, quota["members"]] = True
        yield mask, quota["min"], quota["max"]
    for a, b in question["must_meets"]:
        mask = np.zeros((rows, columns), bool)
        mask[a, b] = True
        yield mask, 1, 1
    if question["max_pairs"] is not None:
        yield np.ones((rows, columns), bool), 0, question["max_pairs"]


def by_highs(question, weights):
    """Mixed integer programme by HiGHS."""
    eligible = (weights != INELIGIBLE).ravel()
    limits = list(demands(question))
    constraints = LinearConstraint(
        np.array([mask.ravel() for mask, _, _ in limits], float), [it[1] for it in limits], [it[2] for it in limits]
    )
    found = milp(
        -weights.ravel().astype(float), integrality=np.ones(weights.size), bounds=Bounds(0, eligible.astype(float)),
        constraints=constraints, options={"mip_rel_gap": 0.0},
    )
    if found.status == 2:
        return None
    assert found.status == 0, found.message
    return int(np.round(found.x) @ weights.ravel())


def by_cp_sat(question, weights):
    """Whole numbers by CP-SAT."""
    model = cp_model.CpModel()
    pairs = {
        (a, b): model.new_bool_var("")
        for a in range(question["rows"])
        for b in range(question["columns"])
        if weights[a, b] != INELIGIBLE
    }
    for mask, least, most in demands(question):
        model.add_linear_constraint(sum(it for at, it in pairs.items() if mask[at]), least, most)
    model.maximize(sum(int(weights[at]) * it for at, it in pairs.items()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    return round(solver.objective_value)


def by_assignment(question, weights):
    """Best assignment; a pair that must not be made is worth as little as none."""
    worth = np.maximum(weights, 0)
    return int(worth[linear_sum_assignment(worth, maximize=True)].sum())


def by_flow(question, weights):
    """Cheapest flow, where going past every pair costs nothing."""
    rows, columns = weights.shape
    flow = min_cost_flow.SimpleMinCostFlow()
    source, sink = rows + columns, rows + columns + 1
    most_a, most_b = [most for _, most in question["a"]], [most for _, most in question["b"]]
    for row, most in enumerate(most_a):
        flow.add_arc_with_capacity_and_unit_cost(source, row, most, 0)
    for column, most in enumerate(most_b):
        flow.add_arc_with_capacity_and_unit_cost(rows + column, sink, most, 0)
    a, b = np.nonzero(weights > 0)
    flow.add_arcs_with_capacity_and_unit_cost(a, rows + b, np.ones(a.size, int), -weights[a, b])
    supply = sum(most_a)
    flow.add_arc_with_capacity_and_unit_cost(source, sink, supply, 0)
    flow.set_node_supply(source, supply)
    flow.set_node_supply(sink, -supply)
    assert flow.solve() == flow.OPTIMAL
    return -flow.optimal_cost()


def opinions(question):
    """Methods that can answer a question about totals."""
    pairs = question["rows"] * question["columns"]
    if pairs <= SMALL:
        yield by_highs
        yield by_cp_sat
    has_demands = question["quotas"] or question["must_meets"] or question["max_pairs"] is not None
    limits = question["a"] + question["b"]
    if not has_demands and all(least == 0 for least, _ in limits):
        yield by_flow
        if all(most == 1 for _, most in limits):
            yield by_assignment


def total_value(question):
    weights = np.array(question["weights"]).reshape(question["rows"], question["columns"])
    for method in opinions(question):
        yield method.__doc__, question["total"], method(question, weights)


def stable(question):
    """The stable pairs that the rows like best: unique, since nobody likes two the same. Each line of a view is one mind."""
    size = question["rows"]
    views = [np.array(question[side]).reshape(size, size) for side in "ab"]
    likes = [np.argsort(-views[0], axis=1), np.argsort(-views[1], axis=1)]
    rows = {f"a{a}": [f"b{b}" for b in order] for a, order in enumerate(likes[0])}
    columns = {f"b{b}": [f"a{a}" for a in order] for b, order in enumerate(likes[1])}
    game = StableMarriage.create_from_dictionaries(rows, columns)
    pairs = sorted([int(str(a)[1:]), int(str(b)[1:])] for a, b in game.solve(optimal="suitor").items())
    yield "Stable pairs by the package `matching`.", question["pairs"], pairs


def main():
    checked, different, without = Counter(), 0, 0
    for line in sys.stdin:
        question = json.loads(line)
        without += question.get("total", 0) is None
        answers = stable if question["kind"] == "stable" else total_value
        for method, ours, theirs in answers(question):
            checked[method] += 1
            if ours != theirs:
                different += 1
                print(f"DIFFERENT: ours {ours}, theirs {theirs} ({method})\n  {line[:2000]}")
    for method, count in sorted(checked.items()):
        print(f"{count:5} answers compared: {method}")
    print(f"{different} of them differ; {without} problems have no answer, and both sides say so")
    if different or not checked:
        sys.exit(1)


if __name__ == "__main__":
    main()
