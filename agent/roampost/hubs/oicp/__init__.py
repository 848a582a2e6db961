"""OICP 2.3 as a charge point operator speaks it. Import `client` only when such a hub is configured: it brings httpx.

`client` (messages and questions) and `readback` (what the hub holds) wait on a line of `hubs.https`, `comparison` on
`readback`. All the rest is pure, in both directions. This module imports nothing, so that a command may look at one
part without loading a client.
"""
