"""Benchmarks: each module has `run(seed) -> BenchDocument` and is a `ltrr bench` of its name."""
