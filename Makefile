# Every recipe works in a fresh checkout: it first brings .venv up to date. GNU make, bash.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.SUFFIXES:

PY := .venv/bin/python
LOCAL := $(PY) -m portal.common.local
# One process per core, each with services of its own.
TESTS := $(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal
PORT ?= 8000

.PHONY: help demo demo-reset test test-bare drill fuzz lint load bench bench-matching bench-retention bench-rls \
	matrix-without-rls timing manage lock clean venv-local venv-dev

help: ## diese Übersicht
	@echo "Ankommen: make ZIEL"
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r target text; do printf '  %-18s %s\n' "$$target" "$$text"; done

demo: venv-local ## alles starten und die Adresse nennen (PORT=8000), Ende mit Strg-C
	@exec $(LOCAL) demo --port $(PORT)

demo-reset: venv-local ## dasselbe mit frischen Demo-Daten
	@exec $(LOCAL) demo --port $(PORT) --reset

test: venv-dev ## alle Tests; Browser-Tests in einem eigenen Lauf
	@echo "Tests …"; $(TESTS) --ignore=tests/e2e
	@if [ ! -d tests/e2e ]; then exit 0; fi; \
	if [ -z "$${CI:-}" ] && ! command -v chromium-headless-shell chromium chromium-browser google-chrome >/dev/null; then \
		echo "Chromium wurde nicht gefunden: Die Browser-Tests (tests/e2e) sind NICHT gelaufen."; exit 0; fi; \
	echo "Browser-Tests …"; DJANGO_ALLOW_ASYNC_UNSAFE=1 $(TESTS) tests/e2e

# A failure is found again with the same SAMEN; EXAMPLES says how many files are tried.
fuzz: venv-dev ## kaputte Import-Dateien und Monate eines Ortsvereins (SAMEN=zahl wiederholt)
	@samen=$${SAMEN:-$$RANDOM}; examples=$${EXAMPLES:-10000}; \
	echo "Fuzz: $$examples Dateien, SAMEN=$$samen"; \
	FUZZ_EXAMPLES=$$examples $(PY) -m pytest tests/fuzz --hypothesis-seed=$$samen --durations=6; \
	MACHINE_RUNS=$${MACHINE_RUNS:-500} TANDEM_RUNS=$${TANDEM_RUNS:-200} $(PY) -m pytest -s \
		tests/members/test_arriving_machine.py tests/members/tandems/test_machine.py \
		--hypothesis-seed=$$samen

lint: venv-dev ## Form, Stil, Typen, Vorlagen, Importgrenzen, Migrationen, Einstellungen
	@echo "ruff …"; $(PY) -m ruff format --check .; $(PY) -m ruff check .
	@echo "mypy …"; set -a; . tests/deploy.env; set +a; $(PY) -m mypy
	@echo "djlint …"; $(PY) -m djlint --quiet --check templates; $(PY) -m djlint --quiet --lint templates
	@echo "Importgrenzen …"; .venv/bin/lint-imports
	@echo "Migrationen …"; $(LOCAL) manage -- makemigrations --check --dry-run
	@echo "Betrieb …"; .venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@.venv/bin/hadolint Dockerfile; for script in betrieb/*.sh tests/bare/*.sh; do bash -n "$$script"; done
	@echo "Einstellungen für den Betrieb …"; \
	set -a; . tests/deploy.env; set +a; $(PY) manage.py check --deploy --fail-level WARNING

load: venv-dev ## schwere Prüfungen: Ausfälle unter Last, zwei von allem (Minuten)
	@PORTAL_LOAD=1 $(PY) -m pytest tests/faults tests/production tests/members/test_interest_flood.py -q --durations=10

test-bare: ## Einrichten und erste Seite in einem nackten Debian, als root und als Benutzer
	@bash tests/bare/run.sh

drill: venv-dev ## Ernstfall üben: sichern, löschen, alles verlieren, zurückspielen (PEOPLE=20000)
	@$(PY) -m tests.production.exercise

bench: venv-dev ## Messungen
	@$(PY) -m benchmarks && $(PY) -m benchmarks.reminders

# As the worker in docker-compose.yml has it.
MALLOC = MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=67108864

bench-matching: venv-dev ## Mentor-Vorschläge: neben mentor-match 7.0.1 und einer gierigen Rechnung
	@$(MALLOC) $(PY) -m benchmarks.matching; $(MALLOC) $(PY) -m benchmarks.matching_stored

bench-retention: venv-dev ## eine Löschnacht über 400.000 Menschen
	@$(PY) -m benchmarks.retention

bench-rls: venv-dev ## was der Schutz der Zeilen in der Datenbank kostet, mit und ohne
	@$(PY) -m benchmarks.row_security

# Each layer holds alone: with it the other tests run, here the code's own rules are on their own.
matrix-without-rls: venv-dev ## Zugriffsmatrix ohne den Schutz der Zeilen in der Datenbank
	@ROW_SECURITY=off $(TESTS) tests/security tests/members/test_visibility.py

timing: venv-dev ## antwortet eine unbekannte Adresse gleich schnell? (nicht in CI)
	@$(PY) -m benchmarks.timing

# $(value …) keeps a dollar sign for the shell. A failing command makes make exit with 2; its own
# code is in make's last line. Standard output is the command's alone.
manage: venv-local ## manage.py gegen die Demo: make manage CMD='import_members "meine datei.csv"'
	@$(LOCAL) manage -- $(value CMD)

lock: ## requirements/*.txt neu berechnen (braucht uv)
	@command -v uv >/dev/null || { echo "Dafür wird uv gebraucht." >&2; exit 1; }
	@cd requirements; for name in run local dev; do echo "$$name …"; \
	uv pip compile -q --universal --python-version 3.11 --only-binary :all: --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" $$name.in -o $$name.txt; done

clean: ## .venv, Demo- und Testdaten und Zwischenspeicher löschen
	@if [ -x $(PY) ] && [ -d var/demo ]; then $(LOCAL) reset; fi
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Aufgeräumt."

venv-local: .venv
	@$(call install,local)

venv-dev: .venv
	@$(call install,dev)

# The folder's own time says nothing, so the recipe looks for itself.
.PHONY: .venv
.venv:
	@$(create-venv)

# Progress goes to standard error: the output of `make manage` may be piped.
define create-venv
{ if $(PY) -c '' 2>/dev/null; then exit 0; fi; \
new_enough() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
python=; for name in python3.13 python3.12 python3.11 python3; do \
	if new_enough "$$name"; then python=$$name; break; fi; done; \
if [ -z "$$python" ]; then echo "Es wird Python 3.11 oder neuer gebraucht; gefunden wurde keines."; exit 1; fi; \
echo "Virtuelle Umgebung (.venv) mit $$("$$python" --version) …"; \
rm -rf .venv; \
if command -v uv >/dev/null && UV_PYTHON_DOWNLOADS=never uv venv -q --python "$$(command -v "$$python")" .venv; then exit 0; fi; \
if "$$python" -c 'import venv, ensurepip' 2>/dev/null && "$$python" -m venv .venv; then exit 0; fi; \
rm -rf .venv; \
if "$$python" -m virtualenv --version >/dev/null 2>&1 && "$$python" -m virtualenv -q .venv; then exit 0; fi; \
if command -v virtualenv >/dev/null && virtualenv -q -p "$$python" .venv; then exit 0; fi; \
echo "$$python kann keine virtuelle Umgebung anlegen: Es fehlen venv oder ensurepip."; \
echo "Unter Debian und Ubuntu hilft: apt install python3-venv"; exit 1; } >&2
endef

# uv reads other configuration than pip; where it cannot reach the index, pip may.
define install
{ file=requirements/$(1).txt; \
stamp=.venv/.$(1)-$$($(PY) -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest()[:16])' "$$file"); \
if [ -e "$$stamp" ]; then exit 0; fi; \
echo "Pakete installieren ($$file) …"; rm -f .venv/.local-* .venv/.dev-*; began=$$SECONDS; \
if command -v uv >/dev/null && uv pip install -q --python $(PY) --require-hashes --only-binary :all: -r "$$file"; then :; \
elif { $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; } && \
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r "$$file"; then :; \
else echo "Die Pakete ließen sich nicht installieren; der Grund steht weiter oben."; exit 1; fi; \
touch "$$stamp"; $(if $(filter dev,$(1)),touch ".venv/.local-$$($(PY) -c 'import hashlib; print(hashlib.sha256(open("requirements/local.txt","rb").read()).hexdigest()[:16])')";) \
echo "Pakete installiert in $$((SECONDS - began)) s"; } >&2
endef
