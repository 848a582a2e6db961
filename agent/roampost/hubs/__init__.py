"""Hubs: the interface (`base`, `inbound`, `plugin`), what any protocol may use, and each protocol in its own package.

A protocol's package turns our messages into its calls, its answers into a verdict, and its requests into commands.
"""
