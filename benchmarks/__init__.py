"""Benchmarks: pytest-benchmark suites, comparisons with rivals, the bars, and the gate."""
