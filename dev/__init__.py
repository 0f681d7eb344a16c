"""The tool behind `make`: set-up, demo, tests, linters and benchmarks of the addon."""
