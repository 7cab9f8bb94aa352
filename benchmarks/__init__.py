"""How fast sipfast is: pytest-benchmark suites, rivals, the bars it must pass and their story."""
