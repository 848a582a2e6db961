"""The service through which hubs ask something of the station: off unless it is configured, in no hub's protocol.

Read `service` first, then `listener` (sockets and TLS), `caller` (who it is by certificate), `keys` and `bykey` (who it
is by API key) and `app` (what becomes of a request).
starlette and uvicorn are imported by `app`, `bykey`, `http` and `service` only, and those only when the service is
configured.
"""
