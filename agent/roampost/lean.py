"""Half a megabyte here and there that libraries import and the agent never uses. Called before the first of them.

All are safe to be wrong about: where a library has changed, it imports what it likes and everything works as before.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

_PLUGINS = "pydantic.plugin._loader"


def without_plugins() -> None:
    """pydantic looks for plugins with importlib.metadata, which brings zipfile, csv and the compression libraries."""
    if _PLUGINS not in sys.modules:
        none = ModuleType(_PLUGINS, "No plugins.")
        none.get_plugins = tuple  # type: ignore[attr-defined]  # a function that returns none
        sys.modules[_PLUGINS] = none


def without_build_facts() -> None:
    """zoneinfo asks how this Python was built only to find the time zones: where they are by default, if nobody says
    otherwise."""
    os.environ.setdefault("PYTHONTZPATH", "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo")


def later(name: str) -> None:
    """The package is imported when something of it is used for the first time: for large tables that are seldom."""
    if name in sys.modules:
        return
    waiting = ModuleType(name)

    def of_it(attribute: str) -> object:
        if attribute.startswith("__"):  # what the import system itself looks at
            raise AttributeError(attribute)
        if sys.modules.get(name) is waiting:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    waiting.__getattr__ = of_it  # type: ignore[method-assign]
    sys.modules[name] = waiting


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
