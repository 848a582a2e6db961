"""The one place where httpx is imported: everybody else takes it from here.

httpx brings a command line of its own when click is installed (sqlite-utils needs it, in other processes).
"""

from roampost.lean import without

with without("click"):
    import httpx as httpx
