"""The one place where httpx is imported: everybody else takes it from here.

httpx brings a command line of its own when click is installed (sqlite-utils needs it, in other processes), and the
tables of international host names.
"""

from roampost.lean import later, without

later("idna")
with without("click"):
    import httpx as httpx
