"""What `python -m benchmarks mock` is made of: servers pinned to one core, a generator on another, figures."""
