# SXT Studio: what a developer or a curious user runs. `make` alone lists the targets in words.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo app test check format installer clean

help: ## list the targets
	@echo "SXT Studio: make TARGET, where TARGET is one of"
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 14

demo: .venv/ready ## install, then simulate, train, segment, measure and show a cell (10 minutes)
	$(BIN)/sxtstudio demo

app: .venv/ready ## open the program
	$(BIN)/sxtstudio

test: .venv/ready ## run every test (what .ci/run calls)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest --cov --cov-report=term:skip-covered
	$(BIN)/coverage report --fail-under=90 --include='$(COVERED)'

check: .venv/ready ## before each commit: format, lint, import contracts, types, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -q -m "not slow"

format: .venv/ready ## put the code into its standard form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

installer: .venv/ready ## build the stand-alone program and its .deb into dist/
	$(BIN)/pip install --quiet --constraint constraints.txt pyinstaller
	$(BIN)/python installer/build.py

clean: ## remove what was built or installed here
	rm -rf .venv build dist demo demo-*

COVERED := sxtstudio/core/*,sxtstudio/io/*,sxtstudio/project/*,sxtstudio/engine/*,sxtstudio/analysis/*

.venv/ready: pyproject.toml constraints.txt installer/prepare.sh
	PYTHON=$(PYTHON) sh installer/prepare.sh
	@touch $@
