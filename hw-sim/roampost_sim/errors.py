"""Everything the simulator says no to, in one tree. The docstring is the message.

SimError
├── PlanError      a station or scenario file is wrong: fix the file
└── CommandError   a command cannot be done now: send another one
"""

from pathlib import Path


class SimError(Exception):
    """The simulator cannot do this."""


class PlanError(SimError):
    """{file}: {where}: {problem}"""

    def __init__(self, file: Path, where: str, problem: str) -> None:
        self.file, self.where, self.problem = file, where, problem
        super().__init__(f"{file}: {where}: {problem}" if where else f"{file}: {problem}")


class CommandError(SimError):
    """{problem}"""
