"""How a command ends: a number for scripts, a sentence for people."""

from enum import IntEnum


class Exit(IntEnum):
    """Documented in `roampost --help`; the unit's RestartPreventExitStatus knows 2."""

    OK = 0
    FAILED = 1
    CONFIGURATION = 2
    NOT_THERE = 3
    NOT_FOUND = 4
    REFUSED = 5
    DIFFERENT = 6


MEANING = {
    Exit.OK: "done",
    Exit.FAILED: "failed; the sentence on standard error says why",
    Exit.CONFIGURATION: "the configuration or the command line is wrong; every mistake is on standard error",
    Exit.NOT_THERE: "no agent runs that could do it, or there is no database yet",
    Exit.NOT_FOUND: "no such message, EVSE, controller or fault",
    Exit.REFUSED: "not possible now, or not allowed to this user",
    Exit.DIFFERENT: "the hub holds something else than this station would tell it",
}


class CliError(Exception):
    """Ends the command with this code and these sentences."""

    def __init__(self, code: Exit, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.code = code
        self.sentences = sentences

    def __reduce__(self) -> "tuple[type[CliError], tuple[object, ...]]":
        return CliError, (self.code, *self.sentences)
