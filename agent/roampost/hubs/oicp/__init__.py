"""OICP 2.3 as a charge point operator speaks it. Import `client` only when such a hub is configured: it brings httpx.

wire, encode, codes, answers, verdicts and authorization are pure; tls and files read the configured files; only
client waits. This module imports nothing, so that a command may look at the files without loading a client.
"""
