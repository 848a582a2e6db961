"""Hubs: each a package that turns our messages into its protocol and its answers into a verdict."""
