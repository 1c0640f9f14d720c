# `make run` and `make test` need Python 3.11, git and make; everything else they bring themselves, into this folder.
SHELL := /bin/sh
UV := .tools/uv
PY := .venv/bin/python
SYNC := UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never $(UV) sync --locked --python "$$(cat .tools/python)"
NODE_TOOLS := .cache/typescript-5.9.3

.PHONY: run test check bench format faults clean setup setup-dev

run: setup
	@exec .venv/bin/heard run

test: setup-dev
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest --numprocesses 4 --dist worksteal

check: setup-dev $(NODE_TOOLS)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m tests.javascript $(NODE_TOOLS)
	@$(PY) -m tests.house

bench: setup-dev
	@$(PY) -m tests.bench

faults: setup-dev
	@$(PY) -m tests.simulation --seeds 5000 --operations 500

format: setup-dev
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

clean:
	rm -rf .venv .tools .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis

setup: $(UV)
	@$(SYNC) --inexact --no-dev --extra bot

setup-dev: $(UV)
	@$(SYNC) --extra bot

$(UV): .ci/uv.py
	@command -v python3 >/dev/null 2>&1 || { echo "Heard needs Python 3.11: python3 is not on the PATH. Install it and try again." >&2; exit 1; }
	@python3 .ci/uv.py

$(NODE_TOOLS): | setup-dev
	@mkdir -p $(NODE_TOOLS)
	@.venv/bin/npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(NODE_TOOLS) typescript@5.9.3
