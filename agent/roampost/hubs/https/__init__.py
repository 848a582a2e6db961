"""The HTTPS line from us to a hub, for every protocol that needs one. Import `line` only where something is sent.

`line` owns the wire, with `web`, `tls`, `failures` and `api_key`; `endpoint`, `retry_after` and `rules` are pure.
"""
