"""The command line. Every command is imported only when it is asked for; no stack trace reaches an operator."""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from roampost.cli.exits import CliError, Exit
from roampost.cli.paths import DEFAULT_CONFIG, RUN
from roampost.cli.text import complain

DEBUG_VARIABLE = "ROAMPOST_DEBUG"


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code; see `roampost --help` for what each one means."""
    words = sys.argv[1:] if argv is None else list(argv)
    args = _run_words(words) or _parsed(words)
    module, _, name = args.handler.partition(":")
    try:
        run: Callable[..., int] = getattr(importlib.import_module(module), name)
        code = run(args)
        sys.stdout.flush()  # here, where a reader that has gone is no error
        return code
    except CliError as error:
        complain(*error.sentences)
        return error.code
    except KeyboardInterrupt:
        return Exit.FAILED
    except BrokenPipeError:
        # `roampost outbox list | head`: the reader has seen enough. Python flushes once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        complain(f"roampost failed: {type(error).__name__}: {error}", f"With {DEBUG_VARIABLE}=1 it says where.")
        return Exit.FAILED


def _run_words(words: list[str]) -> SimpleNamespace | None:
    """The agent's own start, as the unit writes it: half a megabyte of parser is not loaded for it."""
    match words:
        case ["run"]:
            return SimpleNamespace(handler=RUN, config=DEFAULT_CONFIG)
        case ["run", "--config", file] | ["--config", file, "run"]:
            return SimpleNamespace(handler=RUN, config=Path(file))
        case _:
            return None


def _parsed(words: list[str]) -> Any:
    from roampost.cli.parser import build_parser

    return build_parser().parse_args(words)
