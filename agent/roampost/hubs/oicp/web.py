"""The one place where httpx is imported: everybody else takes it from here.

httpx brings a command line of its own when click is installed (sqlite-utils needs it, in other processes); it costs a
megabyte and is never used here.
"""

import sys

_CLICK = "click"
_hide = _CLICK not in sys.modules
if _hide:
    sys.modules[_CLICK] = None  # type: ignore[assignment]  # documented: None makes the import fail
try:
    import httpx as httpx
finally:
    if _hide:
        del sys.modules[_CLICK]
