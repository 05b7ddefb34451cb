# layerscope: `make demo` shows it, `make test` checks it, `make check` is what continuous integration runs.

.PHONY: help demo test library check fmt clippy doc captures runs lab mermaid bench load compare fuzz mutants clean

# Namespaces with interfaces of their own need root.
AS_ROOT = $(shell [ "$$(id -u)" -eq 0 ] || echo sudo)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: ## set up, build and run the demonstration
	@tests/setup.sh build
	cargo build --release --quiet
	target/release/layerscope demo

# Where it runs in the background, what it starts would ignore the Ctrl-C that tests send.
test: ## set up and pass every test
	@tests/setup.sh test
	env --default-signal=INT cargo test

library: ## what is left without the program and libpcap builds, and passes its tests
	cargo clippy --no-default-features --lib --examples -- -D warnings
	cargo test --no-default-features --lib --examples --quiet

check: fmt clippy test library doc ## everything that must hold before a change lands

fmt:
	cargo fmt --check

clippy:
	@tests/setup.sh build
	cargo clippy --all-targets -- -D warnings

doc:
	@tests/setup.sh build
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet

captures: ## make the captures of this repository anew
	@tests/setup.sh build
	cargo build --release --quiet
	target/release/layerscope demo --canonical --show table -w captures/demo.pcap >/dev/null
	target/release/layerscope demo --canonical --show table -w captures/demo.pcapng >/dev/null

runs: ## 100 demonstrations as root (or you) and 100 without privilege: each must add up, in under a second
	@tests/setup.sh test
	cargo build --release --quiet
	tests/runs.sh target/release/layerscope 100

lab: ## every scenario 20 times without privilege: each run must add up
	@tests/setup.sh test
	cargo build --release --quiet
	tests/lab.sh target/release/layerscope 20

bench: load ## layerscope against its peers on big captures: prepares them under target/bench, takes minutes
	benches/reading.sh
	benches/connections.sh
	cargo bench --bench decode

load: ## layerscope and tcpdump capture the same traffic at every rate: as root, takes minutes
	@tests/setup.sh bench
	cargo build --release --quiet
	$(AS_ROOT) benches/capture.sh target/release/layerscope

compare: ## every field of every capture against tshark, and its flags anew: takes minutes
	@tests/setup.sh test
	cargo test --test suite decode_tshark -- --ignored --nocapture
	cargo test --test suite analyse_tshark -- --include-ignored --nocapture
	cargo test --test suite render_fields -- --include-ignored --nocapture

mermaid: ## the diagrams against Mermaid's own parser, which npm brings
	cargo build --release --quiet
	tests/mermaid.sh target/release/layerscope captures/demo.pcapng

# Of each fuzz target; how many mutants, and which.
SECONDS = 60
SAMPLE = 150
SEED = 10

fuzz: ## every fuzz target for SECONDS=60, on the stable toolchain: a finding fails, and its file is named
	@tests/setup.sh fuzz
	fuzz/run.sh $(SECONDS)

mutants: ## SAMPLE=150 faults put into the code, chosen by SEED=10: the tests must notice; takes most of an hour
	@tests/setup.sh test
	tests/mutants.py $(SAMPLE) $(SEED)

clean:
	cargo clean
