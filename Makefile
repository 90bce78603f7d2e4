# run · test · check · bench · docs.  CONTRIBUTING.md says what each is for.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check install

.PHONY: run test check soak bench bench-polling docs lock clean

run: $(VENV)/run.stamp
	@exec $(BIN)/monitor run

# Every test; then the branch coverage that it has to reach, of the whole and of the rooms that only decide.
PURE := monitor/model.py,monitor/text.py,monitor/dates.py,monitor/canonical.py,monitor/study.py,monitor/articles/*,\
monitor/rules/*,monitor/alerts/*,monitor/feeds/parse.py,monitor/feeds/prescan.py,monitor/feeds/repair.py,\
monitor/feeds/jsonfeed.py,monitor/feeds/schedule.py,monitor/feeds/visits.py,monitor/delivery/settle.py
test: $(VENV)/dev.stamp
	@rm -f .coverage .coverage.*
	COVERAGE_FILE=$(CURDIR)/.coverage $(BIN)/python -m pytest --cov --cov-report=
	@rm -f .coverage.*  # what a killed process left half written
	@printf 'branch coverage of everything, in per cent (90 are wanted): '
	@$(BIN)/coverage report --format=total --fail-under=90
	@printf 'branch coverage of the rooms that only decide (95 are wanted): '
	@$(BIN)/coverage report --format=total --fail-under=95 --include='$(PURE)'

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The full count of kills that `make test` does a few of; minutes, not seconds.
soak: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m soak -n 0 --no-cov -o addopts="-ra --strict-markers"

# What the flows cost beside the bare library, in one run; docs/performance.md keeps the figures.
bench: $(VENV)/dev.stamp
	$(BIN)/python -m tests.bench

# What a poll costs beside the package reader and newsboat, and what reads, joins and dates the articles; half an hour.
bench-polling: $(VENV)/dev.stamp
	$(BIN)/python -m tests.bench.polling

# Writes the generated parts of docs/reference and config/schema afresh.
docs: $(VENV)/dev.stamp
	$(BIN)/python -m docs.generate

# Pins every dependency again, for Python 3.11 to 3.14 at once.
lock:
	uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --extra build pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --extra build --extra dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV)

# Wheels only: nothing is compiled, so a machine needs Python and make, no more.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 14) or sys.exit(f"Python 3.11 to 3.14 is needed, this is {v[0]}.{v[1]}: make run PYTHON=python3.11")'
	@echo "Setting up $(VENV) (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --only-binary :all: --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Adding the test tools ..."
	@$(PIP) --only-binary :all: --require-hashes -r requirements/dev.txt
	@touch $@
