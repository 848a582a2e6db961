"""OICP 2.3 as a charge point operator speaks it. Import `client` only when such a hub is configured: it brings httpx.

`line` owns the wire, with `web`, `tls` and `failures`; `client` (messages and questions) and `readback` (what the hub
holds) wait on it, `comparison` on `readback`. All the rest is pure, in both directions. This module imports nothing, so
that a command may look at one part without loading a client.
"""
