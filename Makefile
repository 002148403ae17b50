# The commands of the project. `make` alone lists them; README.md says what each is for.

TARGET  := $(or $(CARGO_TARGET_DIR),target)
RELEASE := $(TARGET)/release
DEBUG   := $(TARGET)/debug
TOOLS   := tests/tools/install.sh

# Research data that is not part of the project: `make quality` and `make bench` read it.
DATA  ?= ../shared/data
LINKS ?= $(DATA)/links_dev.csv

.DEFAULT_GOAL := help
.PHONY: help demo up down test fmt lint doc proto-lint test-rust quality oracle bench clean release release-tools

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: release ## Build both services, import the samples, pair 100 + 100, print the table, clean up
	@BIN=$(RELEASE) samples/demo.sh

up: release ## Leave both services running with the samples, to play with grpcurl
	@BIN=$(RELEASE) samples/up.sh

down: ## Stop what `make up` started and remove its data
	@samples/down.sh

test: lint doc proto-lint test-rust ## Everything else: format, lints, documentation, both services on both engines

lint: ## Check the formatting and clippy's lints
	@$(TOOLS) check
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

fmt: ## Format the sources
	cargo fmt --all

doc: ## Build the documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

proto-lint: ## Lint the .proto files
	@$(TOOLS) buf
	cd proto && ../.tools/bin/buf lint

test-rust: ## Run the tests of all crates, on SQLite and Postgres, and the tour of README.md
	@$(TOOLS) check grpcurl
	cargo build --workspace --all-targets
	$(DEBUG)/with-postgres cargo test --workspace

quality: release-tools ## Where true partners rank: LINKS=FILE, DATA=FOLDER
	@$(RELEASE)/quality --data $(DATA) --links $(LINKS)

oracle: ## Ask solvers of others (SciPy, OR-tools, `matching`) about random pairings
	@$(TOOLS) peers
	cargo bench --quiet --package matcher-service --bench oracle > $(TARGET)/oracle.jsonl
	@.tools/peers/bin/python tests/peers/oracle.py < $(TARGET)/oracle.jsonl

bench: release-tools ## Measure everything beside its peers and write BENCHMARKS.md: DATA=FOLDER
	@$(TOOLS) peers
	@tests/peers/bench.sh $(RELEASE) $(DATA) > $(TARGET)/BENCHMARKS.md
	@cp $(TARGET)/BENCHMARKS.md BENCHMARKS.md && cat BENCHMARKS.md

clean: ## Remove everything that was built or installed here
	rm -rf $(TARGET) .tools .demo

release:
	cargo build --release --package registry-service --package matcher-service

release-tools:
	cargo build --release --workspace --bins
