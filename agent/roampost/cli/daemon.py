"""The running agent as commands use it: its refusals become exit codes."""

from pathlib import Path
from typing import Any

from roampost.cli.exits import CliError, Exit
from roampost.control.client import ask
from roampost.control.protocol import ControlError, Refusal

_EXITS = {
    Refusal.NOT_FOUND: Exit.NOT_FOUND,
    Refusal.REFUSED: Exit.REFUSED,
    Refusal.FORBIDDEN: Exit.REFUSED,
}


def command(socket: Path, name: str, **arguments: object) -> Any:
    """The agent's answer. Raises CliError with its sentence, and NoDaemonError when none listens."""
    try:
        return ask(socket, name, arguments)
    except ControlError as error:
        raise CliError(_EXITS.get(error.code, Exit.FAILED), error.text) from None
