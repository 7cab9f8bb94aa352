"""Messages and captures made for the tests, the demo and the benchmarks, and what makes them."""
