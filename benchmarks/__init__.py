"""Benchmarks: `python -m benchmarks`. Kept empty, so that a measured process that loads it loads nothing else."""
