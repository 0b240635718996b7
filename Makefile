# The commands of this repository; `make` alone lists them. They need Python 3.11 or newer and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/made-from-lock

# Choices, for example: make up PORT=0 SPEED=60
PORT ?= 4566
SIMULATOR_PORT ?= 4567
CONSOLE_PORT ?= 4568
SPEED ?=
GROUND_TRUTH_CLOSED ?=
ENDPOINT ?=
SIMULATOR_ENDPOINT ?=
SERVICE ?=
IMAGES ?=
ANNOTATIONS ?=
TARGET ?= aws
UPGRADE ?=
CASE ?=
TESTS ?=

# A folder of Terraform's plugins (`terraform providers mirror`) where the registry is out of reach.
export TF_PLUGIN_DIR ?=
# The checker of another provider version's schema, which is not part of this repository.
SCHEMA_CHECK ?= $(wildcard ../shared/tools/tf_schema/check.py)

CODE := benchmarks cli contracts demo local runtime services simulator tests tools

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- try it

.PHONY: demo
demo: $(READY) ## Make a model from images to crops on this machine; IMAGES=dir ANNOTATIONS=coco.json for your own
	@$(BIN)/python -m demo $(if $(IMAGES),--images "$(IMAGES)") $(if $(ANNOTATIONS),--annotations "$(ANNOTATIONS)")

.PHONY: up
up: $(READY) ## Start the local stack; PORT=, SIMULATOR_PORT=, CONSOLE_PORT=, SPEED=, GROUND_TRUTH_CLOSED=1, ENDPOINT=, SIMULATOR_ENDPOINT=
	@$(BIN)/python -m local up --port $(PORT) --simulator-port $(SIMULATOR_PORT) --console-port $(CONSOLE_PORT) \
	  $(if $(SPEED),--speed $(SPEED)) $(if $(GROUND_TRUTH_CLOSED),--ground-truth-closed) \
	  $(if $(ENDPOINT),--endpoint $(ENDPOINT)) $(if $(SIMULATOR_ENDPOINT),--simulator-endpoint $(SIMULATOR_ENDPOINT))

.PHONY: down
down: $(READY) ## Stop the local stack and give up what it held; after a crash, make up goes on
	@$(BIN)/python -m local down

.PHONY: status
status: $(READY) ## Say what of the local stack runs
	@$(BIN)/python -m local status

.PHONY: logs
logs: $(READY) ## Print what the functions wrote; SERVICE=trainer for one service
	@$(BIN)/python -m local logs $(SERVICE)

# ---- check it

.PHONY: lint
lint: $(READY) ## Check style, types and who imports whom
	$(BIN)/ruff check $(wildcard $(CODE))
	$(BIN)/ruff format --check $(wildcard $(CODE))
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check
check: lint ## Check quickly: style, types, and the tests that start no server
	$(BIN)/pytest -q --numprocesses auto --dist loadfile -m "not e2e"

# The AWS CLI brings a botocore of its own.
AWSCLI := .local/checkers/awscli
# What reads the Compose file as the specification says, for there may be no Docker here to do it.
COMPOSE := .local/checkers/compose

# Most end-to-end tests wait more than they compute, so a few more processes than cores are at work at once.
WORKERS ?= 4
PYTEST_ARGS ?=

.PHONY: test
test: lint terraform-scan $(AWSCLI)/made-from-lock $(COMPOSE)/made-from-lock ## Check everything, end to end, Terraform's real apply too
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

.PHONY: e2e
e2e: $(READY) ## Test end to end on a stack of its own, or on that of `make up ENDPOINT=…` with the same ENDPOINT=
	$(if $(ENDPOINT),AWS_ENDPOINT_URL=$(ENDPOINT)) $(BIN)/pytest tests/e2e

.PHONY: e2e-localstack
e2e-localstack: $(READY) ## Test end to end on LocalStack, without Docker; needs Python 3.13, PYTHON313= names it; TESTS= for some
	$(BIN)/python -m tests.localstack $(TESTS)

.PHONY: faults
faults: $(READY) ## Let every call to AWS fail or the process die at it, in turn; CASE=happy:79:dies-after for one
	$(BIN)/python -m tests.faults $(if $(CASE),--case $(CASE))
	$(if $(CASE),,FAULTS_EXAMPLES=200 $(BIN)/pytest -q tests/faults/test_chaos.py tests/faults/test_parking.py)

JOBS ?= 200

.PHONY: load
load: $(READY) ## Run JOBS= (200) jobs of 20 images at once on a stack of their own, and print how it went
	$(BIN)/python -m tests.load --jobs $(JOBS)

QUICK ?=
ROW ?=

.PHONY: bench
bench: $(READY) ## Measure side by side with the least possible, into build/bench; QUICK=1 for minutes, ROW= for one
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(ROW)

# ---- the page; it needs Node 20.19 or newer, which nothing else here does

NODE_READY := console/node_modules/.package-lock.json

.PHONY: console
console: $(NODE_READY) ## Build the page that `make up` then serves; needs Node
	cd console && npm run --silent build

.PHONY: check-console
check-console: $(NODE_READY) ## Check the page quickly: types, style, the tests that need no browser
	cd console && npm run --silent lint && npm run --silent test

.PHONY: e2e-console
e2e-console: check-console console $(READY) ## Test the page in chromium, on a local stack of its own too; pictures in build/console
	cd console && PYTHON="$(abspath $(BIN)/python)" npm run --silent e2e

$(NODE_READY): console/package-lock.json
	cd console && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci
	touch $@

# ---- to AWS; docs/aws.md

# Each checker has an environment of its own: they bring two packages named hcl2.
HCL2 := .local/checkers/hcl2
CHECKOV := .local/checkers/checkov

.PHONY: terraform-check
terraform-check: terraform-scan ## Check the Terraform configuration without AWS: rules, refusals, policies, checkov
	$(BIN)/pytest -q -m "not e2e" tests/terraform

.PHONY: terraform-scan
terraform-scan: $(HCL2)/made-from-lock $(CHECKOV)/made-from-lock ## Scan the configuration: newest provider's schema, checkov
	$(if $(SCHEMA_CHECK),$(HCL2)/bin/python $(SCHEMA_CHECK) terraform,@echo "LEFT OUT: no SCHEMA_CHECK to compare with the newest provider")
	$(CHECKOV)/bin/checkov --directory terraform --framework terraform --compact --quiet --skip-download

.PHONY: terraform-local
terraform-local: $(READY) ## Apply it to the local stack, test that end to end, destroy; PORT=, SPEED=, ENDPOINT=
	$(BIN)/python -m tools.terraform_local --port $(PORT) --simulator-port $(SIMULATOR_PORT) $(if $(SPEED),--speed $(SPEED)) \
	  $(if $(ENDPOINT),--endpoint $(ENDPOINT)) $(if $(SIMULATOR_ENDPOINT),--simulator-endpoint $(SIMULATOR_ENDPOINT))

.local/checkers/%/made-from-lock: requirements/%.txt $(READY)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	touch $@

# ---- build it

.PHONY: package
package: $(READY) ## Build the functions' zips; TARGET=aws (arm64, Python 3.13), host or docker
	$(BIN)/python -m tools.package --target $(TARGET)

.PHONY: schemas
schemas: $(READY) ## Write the generated schemas anew
	$(BIN)/python -m tools.schemas

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version $(or $(1),3.11) --generate-hashes --no-emit-index-url \
  --no-header $(if $(UPGRADE),--upgrade)

# Locked as of the day after its release: what came later it was never tried with.
LOCALSTACK := tests/localstack/executor

.PHONY: lock
lock: $(READY) ## Lock the dependencies anew; UPGRADE=1 takes newer versions
	$(COMPILE) pyproject.toml -o requirements/lambda.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml --group simulator --constraint requirements/dev.txt -o requirements/simulator.txt
	$(COMPILE) requirements/ministack.in -o requirements/ministack.txt
	$(COMPILE) requirements/checkov.in -o requirements/checkov.txt
	$(COMPILE) requirements/compose.in -o requirements/compose.txt
	$(call COMPILE,3.13) --directory $(LOCALSTACK) --exclude-newer 2026-02-27 pyproject.toml \
	  -o ../../../requirements/localstack.txt
	$(COMPILE) requirements/schemathesis.in -o requirements/schemathesis.txt
	$(COMPILE) requirements/hcl2.in -o requirements/hcl2.txt
	$(COMPILE) requirements/awscli.in -o requirements/awscli.txt

.PHONY: clean
clean: ## Remove what was built, the local stack included
	if [ -x $(BIN)/python ] && [ -d .local ]; then $(BIN)/python -m local down; fi
	rm -rf console/dist console/node_modules console/test-results .local .venv build dist *.egg-info .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# The lock names uv too; installed first, it brings in the rest twenty times faster than pip would.
.PHONY: .venv
.venv: $(READY)
$(READY): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; choose one with PYTHON=")'
	@test ! -L .venv || { echo ".venv is a link, and making it anew would empty what it leads to: remove the link"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	awk '/^[^ ]/ {wanted = /^uv==/} wanted' requirements/dev.txt > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@
