"""OIOI 4 as a charge point operator speaks it: one address, one call a body. Import `plugin` only when such a hub is
configured; `client` waits, all the rest is pure, in both directions.
"""
