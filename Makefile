# Every target is a command of the tool in dev/. `make` alone lists them.
PYTHON ?= python3
COMMANDS = setup demo test lint format bench shell odoo i18n lock clean

.PHONY: help $(COMMANDS)
.DEFAULT_GOAL := help

help $(COMMANDS):
	@$(PYTHON) -m dev $@ $(ARGS)
