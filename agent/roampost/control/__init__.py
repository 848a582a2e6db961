"""A person's hands on a running agent: one JSON line over a local socket, one JSON line back."""
