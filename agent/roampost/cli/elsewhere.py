"""A function called in a forked child: what it imports and builds is gone with the child, its value comes back.

Only for the start of a process, while it has one thread. The child is our own code, so its pickle is believed.
"""

import os
import pickle
import sys
from collections.abc import Callable
from typing import TypeVar

from roampost.cli.exits import CliError, Exit

T = TypeVar("T")


def called_elsewhere(call: Callable[[], T]) -> T:
    """The value of `call`, or the CliError that it raised."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(call, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    if not data:
        raise CliError(Exit.FAILED, "the configuration could not be checked: the process that did it ended early")
    value = pickle.loads(data)  # noqa: S301 # written by ourselves, a moment ago
    if isinstance(value, CliError):
        raise value
    checked: T = value
    return checked


def _answer(call: Callable[[], object], writer: int) -> None:
    """Runs in the child, which ends here whatever happens: nothing of the parent's may be run twice."""
    try:
        value: object = call()
    except CliError as error:
        value = error
    except Exception as error:  # noqa: BLE001 # process boundary: the parent tells it as it tells its own
        value = CliError(Exit.FAILED, f"the configuration could not be checked: {type(error).__name__}: {error}")
    code = 1
    try:
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(value, pipe)
        sys.stderr.flush()
        code = 0
    finally:
        os._exit(code)
