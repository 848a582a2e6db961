"""Identifiers are compared without their separators: DE*ABC*E1 and DEABCE1 are one EVSE."""

from collections.abc import Sequence


def bare(identifier: str) -> str:
    """The identifier without `*`, `-` and `+`, in upper case."""
    return identifier.translate({ord(mark): None for mark in "*-+"}).upper()


def belongs(evse_id: str, operator_id: str) -> bool:
    """Whether the EVSE is the operator's: an EvseID begins with its OperatorID."""
    return bare(evse_id).startswith(bare(operator_id))


def inconsistent(evse_ids: Sequence[str], operator_id: str) -> str | None:
    """Why these EvseIDs of one request are answered with code 018: one is another operator's, or there twice."""
    foreign = next((evse_id for evse_id in evse_ids if not belongs(evse_id, operator_id)), None)
    if foreign is not None:
        return f"{foreign} is not of {operator_id}"
    return "an EvseID is there twice" if len(set(map(bare, evse_ids))) < len(evse_ids) else None


def masked(uid: str) -> str:
    """A card number as it may be recorded: it is a driver's personal data."""
    return f"{uid[:2]}…{uid[-2:]}"
