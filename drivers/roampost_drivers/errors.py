"""What can go wrong between us and a device, sorted by what the caller does next.

DriverError
├── LineDown        the port or socket is gone: wait, the owner reopens it
├── UnitResting     this unit did not answer lately and is left alone: the reading stays old
├── NoAnswer        nobody answered in time: the reading stays old
├── ForeignAnswer   an answer came, but not to our question: the reading stays old
├── Refused         the device said no (Modbus exception): wrong table, wrong firmware or wrong value
└── Nonsense        the answer was ours and its content cannot be: never believed, never billed
"""
# ruff: noqa: N818 - the names say what happened, and are raised and caught by those words.


class DriverError(Exception):
    """The device could not be read or written."""


class LineDown(DriverError):
    """The serial port or the connection is not open."""


class UnitResting(DriverError):
    """The unit has not answered lately and is left alone for a while."""


class NoAnswer(DriverError):
    """The device did not answer in time."""


class ForeignAnswer(DriverError):
    """The answer does not belong to the question."""


class Refused(DriverError):
    """The device refused the request."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Nonsense(DriverError):
    """The answer holds a value that cannot be."""
