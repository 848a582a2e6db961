"""`python -m tests.bench` (make bench): how fast and how small, measured with real processes."""
