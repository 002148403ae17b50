#!/usr/bin/env bash
# Runs every benchmark, each beside its peers, and prints one page of Markdown: `make bench` keeps it in BENCHMARKS.md.
#
#     bench.sh RELEASE_FOLDER DATA_FOLDER
set -euo pipefail
release=$1 data=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
python=.tools/peers/bin/python
crates=${CARGO_TARGET_DIR:-target}/peers
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

say() { printf 'bench: %s\n' "$1" >&2; }

rustc --version >"$folder/rustc"
say "whole pairings (some minutes)"
cargo bench --quiet --package matcher-service --bench pairing -- --save "$folder" >"$folder/pairing.jsonl"
say "whole pairings by others (some minutes)"
CARGO_TARGET_DIR=$crates cargo build --quiet --release --locked --manifest-path tests/peers/crates/Cargo.toml
"$python" tests/peers/pairing.py "$folder" "$folder/pairing.jsonl" "$crates/release/peers" >"$folder/peers.jsonl"
rm -f "$folder"/*.npy
say "the twenty best partners"
"$release/bench-topk" >"$folder/topk.tsv"
"$python" tests/peers/topk.py 10000 100000 1000000 >"$folder/numpy.jsonl"

fenced() { printf '```text\n%s\n```\n' "$("$@")"; }

say "partners over gRPC"
fenced "$release/bench-partners" >"$folder/partners.md"
say "the registry beside its engines, and with a million enterprises (some minutes)"
"$release/with-postgres" "$release/bench-registry" --million >"$folder/registry.md"
say "both services: start, import, memory, feed"
fenced "$release/with-postgres" "$release/figures" --data "$data" >"$folder/services.md"
fenced "$release/bench-watch" >"$folder/feed.md"
"$python" tests/peers/report.py "$folder"
