"""Half a megabyte here and there that libraries import and the agent never uses. Called before the first of them.

Both are safe to be wrong about: where a library has changed, it imports what it likes and everything works as before.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_PLUGINS = "pydantic.plugin._loader"


def without_plugins() -> None:
    """pydantic looks for plugins with importlib.metadata, which brings zipfile, csv and the compression libraries."""
    if _PLUGINS not in sys.modules:
        none = ModuleType(_PLUGINS, "No plugins.")
        none.get_plugins = tuple  # type: ignore[attr-defined]  # a function that returns none
        sys.modules[_PLUGINS] = none


@contextmanager
def without(name: str) -> Iterator[None]:
    """The package cannot be imported inside the block, unless it already is: for optional parts of a library."""
    hide = name not in sys.modules
    if hide:
        sys.modules[name] = None  # type: ignore[assignment]  # documented: None makes the import fail
    try:
        yield
    finally:
        if hide:
            del sys.modules[name]
