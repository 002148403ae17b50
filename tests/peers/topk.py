"""What a user would do without an index: scores every candidate with NumPy and takes the twenty best. One line of JSON a size.

    topk.py 10000 100000 1000000

The score has the shape of ours (value chain from tables by division, shared industries, market, bands, language, assurance, both
directions, harmonic mean) over columns of one byte or word, in whole numbers; requests and offers are left out, which favours it.
"""

import json
import os
import statistics
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

TOP, SUBJECTS, DIVISIONS, BANDS = 20, 20, 88, 7
PARTS = 1_000_000
WEIGHTS = {"chain": 35, "focus": 20, "market": 10, "scale": 10, "language": 10, "assurance": 15}


def columns(random, count):
    return {
        "division": random.integers(0, DIVISIONS, count).astype(np.uint8),
        "industries": random.integers(0, 1 << 10, count).astype(np.uint16),
        "targets": random.random(count) < 0.5,
        "employees": random.integers(0, BANDS, count).astype(np.int8),
        "revenue": random.integers(0, BANDS, count).astype(np.int8),
        "languages": random.integers(1, 1 << 6, count).astype(np.uint8),
        "assurance": random.integers(0, PARTS, count).astype(np.int32),
    }


def best(candidates, subject, chain_there, chain_back, bits):
    division = candidates["division"]
    union = candidates["industries"] | subject["industries"]
    shared = candidates["industries"] & subject["industries"]
    focus = bits[shared] * PARTS // np.maximum(bits[union], 1)
    apart = np.abs(candidates["employees"] - subject["employees"]) + np.abs(candidates["revenue"] - subject["revenue"])
    scale = PARTS - apart.astype(np.int32) * (PARTS // (2 * BANDS))
    language = ((candidates["languages"] & subject["languages"]) != 0) * PARTS
    both = WEIGHTS["focus"] * focus + WEIGHTS["scale"] * scale + WEIGHTS["language"] * language
    there = both + WEIGHTS["chain"] * chain_there[subject["division"]][division]
    there += WEIGHTS["assurance"] * candidates["assurance"] + WEIGHTS["market"] * (PARTS * int(subject["targets"]))
    back = both + WEIGHTS["chain"] * chain_back[subject["division"]][division]
    back += WEIGHTS["assurance"] * int(subject["assurance"]) + WEIGHTS["market"] * (candidates["targets"] * PARTS)
    there, back = there.astype(np.int64) // 100, back.astype(np.int64) // 100
    score = 2 * there * back // np.maximum(there + back, 1)
    top = np.argpartition(-score, TOP)[:TOP]
    return top[np.argsort(-score[top], kind="stable")]


def main():
    random = np.random.default_rng(20261124)
    chain_there, chain_back = (random.integers(0, PARTS, (DIVISIONS, DIVISIONS)).astype(np.int32) for _ in range(2))
    bits = np.array([at.bit_count() for at in range(1 << 10)], np.int32)
    for size in map(int, sys.argv[1:]):
        candidates, subjects, times = columns(random, size), columns(random, SUBJECTS + 1), []
        for at in range(SUBJECTS + 1):
            subject = {name: values[at] for name, values in subjects.items()}
            before = time.process_time()
            best(candidates, subject, chain_there, chain_back, bits)
            # The first one warms up.
            if at:
                times.append((time.process_time() - before) * 1e3)
        print(json.dumps({"size": size, "processor_ms": round(statistics.median(times), 4)}), flush=True)


if __name__ == "__main__":
    main()
