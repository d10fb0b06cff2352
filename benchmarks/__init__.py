"""gategrad side by side with its peers: `python -m benchmarks` prints a table of ratios."""
