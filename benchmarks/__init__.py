"""What the program costs, measured beside the least that could do the work: ``python -m benchmarks``."""
