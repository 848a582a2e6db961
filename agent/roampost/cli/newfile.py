"""Where a command writes to: standard output, or a new file that only its owner reads."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from roampost.cli.exits import CliError, Exit


@contextmanager
def opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
    else:
        with os.fdopen(create(output), "w", encoding="utf-8", newline="") as file:
            yield file


def create(output: Path) -> int:
    """A new file that only its owner reads: it may hold personal data."""
    try:
        return os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise CliError(Exit.REFUSED, f"{output} exists; name a new file") from None
    except OSError as error:
        raise CliError(Exit.FAILED, f"{output} cannot be written: {error.strerror}") from None
