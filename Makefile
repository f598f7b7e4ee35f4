# Two commands do everything: `make local` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.installed
# three at once on two cores: much of the suite waits for processes
PYTEST := python -m pytest -q -n 3 --dist loadgroup --no-loadscope-reorder --ignore-glob "*_soak.py"
# Lambda's Python: the handlers' tests run on it, where this machine has it, and else on ours.
LAMBDA_PYTHON ?= $(shell for python in python3.13 "$$HOME"/.pyenv/versions/3.13.*/bin/python3.13; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && echo "$$python" && break; done)
LAMBDA_VENV := .venv-3.13
LAMBDA_STAMP := $(LAMBDA_VENV)/.installed
PLATFORM := --python-version 3.13 --python-platform aarch64-manylinux_2_28
# Lambda's runtime carries boto3 and what it needs; a second copy would be 15 MB more to load.
RUNTIME := botocore jmespath python-dateutil six urllib3
FUNCTION := $(PLATFORM) -c requirements/dev.txt $(foreach package,$(RUNTIME),--no-emit-package $(package))
# Bytecode is kept: hundreds of processes would each compile our code again.
unexport PYTHONDONTWRITEBYTECODE
COMPILE := $(UV) pip compile --quiet --no-header --generate-hashes --no-emit-index-url

.PHONY: local serve down test test-lambda-python engine policy grants check audit sbom secrets format soak bench simulate
.PHONY: chaos lock clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(STAMP): requirements/dev.txt requirements/uv.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or newer is needed, $(PYTHON) is {v.major}.{v.minor}: make PYTHON=python3.13")'
	@# one that Ctrl-C left half made has no pip
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements/dev.txt
	@touch $@

$(LAMBDA_STAMP): $(STAMP)
	@test -x $(LAMBDA_VENV)/bin/python || $(LAMBDA_PYTHON) -m venv --without-pip $(LAMBDA_VENV)
	@VIRTUAL_ENV=$(LAMBDA_VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements/dev.txt
	@touch $@

local: $(STAMP)  ## one goal end to end on the embedded cloud; GOAL=path, ARGS="--fail 3 --json ..."
	@$(BIN)/python -m localcloud run $(if $(GOAL),--goal "$(GOAL)") $(ARGS)

serve: $(STAMP)  ## the embedded cloud in the foreground: how to call its API, until Ctrl-C; ARGS="--model ..."
	@$(BIN)/python -m localcloud serve $(ARGS)

down: $(STAMP)  ## stop the embedded cloud and delete its state
	@$(BIN)/python -m localcloud down

test: engine  ## the whole test suite
	@$(BIN)/$(PYTEST) -m "not soak" $(if $(LAMBDA_PYTHON),$(if $(ARGS),,--ignore tests/handlers)) $(ARGS)
	@$(MAKE) --no-print-directory test-lambda-python

ifdef LAMBDA_PYTHON
test-lambda-python: $(LAMBDA_STAMP)  # the handlers' tests on Lambda's Python
	@echo "The handlers' tests on Python 3.13, Lambda's:"
	@$(LAMBDA_VENV)/bin/$(PYTEST) -m "not soak" tests/handlers
else
test-lambda-python:
	@echo "Not run on Python 3.13, Lambda's, for this machine has none: the handlers' tests (make LAMBDA_PYTHON=...)."
endif

soak: $(STAMP)  ## the tests that take longer than `make test` may
	@$(BIN)/python -m pytest -q -m soak $(ARGS)

simulate: $(STAMP)  ## 20,000 executions under seeded faults, in one process each; SEEDS=n FIRST=s ARGS="--coverage ..."
	@$(BIN)/python -m chaos.simulation --seeds $(or $(SEEDS),20000) --first $(or $(FIRST),0) --processes 2 $(ARGS)

bench: $(STAMP)  ## benchmarks: ratios measured side by side in one run, docs/bench/report.md; ARGS="--quick --only peers", "--against REV"
	@$(BIN)/python -m bench $(ARGS)

chaos: $(STAMP)  ## seeded disasters on the embedded cloud: real kills, cuts, hangs; SEEDS=n FIRST=s
	@$(BIN)/python -m chaos.parts --seeds $(or $(SEEDS),10) --first $(or $(FIRST),1)

engine: $(STAMP)  ## the Pulumi CLI: built from its Go module, once, if none is installed
	@$(BIN)/python -m localcloud.pulumi_cli

ifdef EXPLAIN
policy: $(STAMP)
	@$(BIN)/python -m checks.pack --explain "$(EXPLAIN)"
else
policy: engine  ## linters and the policy pack over all four stacks; ARGS="prod --config FILE --sarif FILE", or EXPLAIN=policy
	@$(BIN)/python -m checks.linters; linted=$$?; $(BIN)/python -m checks.pack $(ARGS) && exit $$linted
endif

grants: $(STAMP)  ## least privilege both ways: what is granted, what is used; writes docs/grants.md
	@$(BIN)/python -m tests.workflow.least_privilege

check: $(STAMP)  ## ruff, pyright strict, the rooms' imports, dead code, dependencies, the CI workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --warnings
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/vulture
	@$(BIN)/deptry .
	@.github/tools/lint

audit: $(STAMP)  ## known vulnerabilities of every locked package (asks OSV, over the network)
	@$(BIN)/python -m checks.supply_chain.audit $(ARGS)

sbom: $(STAMP)  ## the bills of materials of what runs in Lambda, into .build/sbom
	@$(BIN)/python -m checks.supply_chain.sbom

secrets:  ## look for secrets in the files and in the history (gitleaks)
	@.github/tools/secrets

format: $(STAMP)  ## format and fix what ruff can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

lock: $(STAMP)  ## resolve requirements/*.in anew, with hashes and without hosts
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) --universal --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(COMPILE) --universal --python-version 3.11 -c requirements/dev.txt requirements/program.in -o requirements/program.txt
	$(COMPILE) --universal --python-version 3.11 -c requirements/dev.txt requirements/policies.in -o requirements/policies.txt
	$(COMPILE) --universal --python-version 3.11 -c requirements/dev.txt requirements/operators.in -o requirements/operators.txt
	$(COMPILE) $(FUNCTION) requirements/lambda-core.in -o requirements/lambda-core.txt
	$(COMPILE) $(FUNCTION) requirements/lambda-database.in -o requirements/lambda-database.txt
	for peer in requirements/peers/*.in; do $(COMPILE) --universal --python-version 3.11 $$peer -o $${peer%.in}.txt || exit 1; done

clean: down  ## also delete the virtual environment and the packages built
	@rm -rf $(VENV) $(LAMBDA_VENV) .build
