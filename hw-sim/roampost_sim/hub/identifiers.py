"""Identifiers are compared without their separators: DE*ABC*E1 and DEABCE1 are one EVSE."""


def bare(identifier: str) -> str:
    """The identifier without `*`, `-` and `+`, in upper case."""
    return identifier.translate({ord(mark): None for mark in "*-+"}).upper()


def belongs(evse_id: str, operator_id: str) -> bool:
    """Whether the EVSE is the operator's: an EvseID begins with its OperatorID."""
    return bare(evse_id).startswith(bare(operator_id))


def masked(uid: str) -> str:
    """A card number as it may be recorded: it is a driver's personal data."""
    return f"{uid[:2]}…{uid[-2:]}"
