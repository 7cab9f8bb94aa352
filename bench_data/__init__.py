"""Messages and captures for the tests, the demo and the benchmarks, with their generator."""
