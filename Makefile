# Needs Python 3.11, Node 20 and make. `make setup` brings everything else into .venv and node_modules.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := 0.13.9
BIN := .venv/bin
BUILT := viddlws/web/static/dist/.built
SOURCES := $(shell find frontend viddlws/web/templates viddlws/web/templatetags -type f -name '*.*' ! -name '*.pyc') \
	package.json package-lock.json vite.config.ts tsconfig.json
COMPILE := env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX $(BIN)/uv pip compile --no-config --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q pyproject.toml

.PHONY: run setup test check fix docs bench lock again

run: setup  # make run ARGS="--port 9000"
	@$(BIN)/viddlws up $(ARGS)

setup: .venv/.made

.venv/.made: requirements-dev.lock pyproject.toml hatch_build.py CHANGELOG.md $(SOURCES) $(if $(wildcard $(BUILT)),,again)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/uv --version 2>/dev/null | grep -qF $(UV) || $(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV)
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .  # builds the front end where it changed: hatch_build.py
	@touch $@

test: setup
	$(BIN)/pytest -n 2 --dist loadfile -q
	$(BIN)/python -m tests.postgresql

check: export VIDDLWS_DATA_DIR = build/check
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	find viddlws -path '*/templates/*' -name '*.html' | xargs $(BIN)/djade --check
	$(BIN)/viddlws manage makemigrations --check --dry-run
	npm run --silent check

fix: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	find viddlws -path '*/templates/*' -name '*.html' | xargs $(BIN)/djade || true
	$(BIN)/python -m viddlws.config.example > .env.example

docs: setup
	$(BIN)/sphinx-build -q -W -b html docs docs/_build/html

bench: setup
	$(BIN)/python -m bench

lock:
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group dev -o requirements-dev.lock
