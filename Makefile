# Every target but `lock` is a command of the tool in dev/. `make` alone lists them.
PYTHON ?= python3
COMMANDS = setup demo test test-all lint format bench screenshots shell odoo i18n dist \
  clean

.PHONY: help lock $(COMMANDS)
.DEFAULT_GOAL := help

help $(COMMANDS):
	@$(PYTHON) -m dev $@ $(ARGS)

# Pins the newest versions that dev/requirements.in allows. Needs uv.
lock:
	uv pip compile --universal --python-version=3.10 --upgrade --no-header \
	  --no-emit-index-url --no-annotate --quiet dev/requirements.in \
	  --output-file dev/requirements.lock
	sed -i -E "s/ ; python_full_version < '3.14' and sys_platform == 'linux'//; \
	  s/python_full_version < '3.14' and //; s/ and sys_platform == 'linux'//" \
	  dev/requirements.lock
