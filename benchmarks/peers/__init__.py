"""The tools that `benchmarks/engine.py` sets side by side, each in an environment of its own."""
