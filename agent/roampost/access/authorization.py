"""Who may charge, from the hubs' words, the lists and the operator's policy. Pure.

Own cards first, no hub is asked. A hub's yes is a yes (that is the asker's). Each hub's word and list are about its own
contracts: its clear no is the last word on its list, and says nothing of another hub's. Only where a hub gave no answer
does its own list speak for it, if the policy lets it and its age is known and small enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roampost.config.authorization import Authorization as Settings
from roampost.evse.event import Card, Decider, Grant
from roampost.hubs.base import Decision

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's word. The limits bound what one session can lose; None: no limit."""

    use_lists: bool = False
    list_max_age_s: float = 0.0
    offline_max_wh: int | None = None
    offline_max_s: int | None = None
    own_max_wh: int | None = None
    own_max_s: int | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        return cls(
            use_lists=settings.roaming_offline == "list",
            list_max_age_s=settings.list_max_age_h * _HOUR_S,
            offline_max_wh=settings.offline_max_wh,
            offline_max_s=settings.offline_max_s,
            own_max_wh=settings.own_max_wh,
            own_max_s=settings.own_max_s,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """What a hub's list says of a card. age_s is None where no clock can tell: then it is too old."""

    held: bool
    age_s: float | None


@dataclass(frozen=True, slots=True)
class Word:
    """A hub's answer that is no yes."""

    hub: str
    decision: Decision
    text: str


ListOf = Callable[[str], Listed | None]


def own_grant(card: Card, policy: Policy) -> Grant:
    """The yes to one of the operator's own cards: no hub is owed anything."""
    return Grant(None, None, card, decided_by=Decider.OPERATOR, cap_wh=policy.own_max_wh, cap_s=policy.own_max_s)


def decide(card: Card, words: Sequence[Word], list_of: ListOf, policy: Policy) -> Grant | str:
    """The first list's yes in the order of the words, or the sentence why not, when no hub said yes."""
    texts = [word.text for word in words]
    if not policy.use_lists:
        return "; ".join(texts)
    for word in words:
        if word.decision is Decision.NO:
            continue
        why_not = list_says_no(list_of(word.hub), policy)
        if why_not is None:
            return _list_grant(card, word.hub, policy)
        texts.append(f"{word.hub}'s list: {why_not}")
    return "; ".join(texts)


def list_says_no(listed: Listed | None, policy: Policy) -> str | None:
    """Why this list does not let the card charge; None where it does."""
    if not policy.use_lists:
        return "not used, the policy is to deny"
    if listed is None:
        return "there is none"
    if listed.age_s is None:
        return "its age is unknown, because the clock was set by nobody"
    if listed.age_s > policy.list_max_age_s:
        return f"is older than {policy.list_max_age_s / _HOUR_S:.0f} h"
    return None if listed.held else "the card is not on it"


def _list_grant(card: Card, hub: str, policy: Policy) -> Grant:
    """hub_session_id is brought by the late authorization."""
    return Grant(hub, None, card, decided_by=Decider.LIST, cap_wh=policy.offline_max_wh, cap_s=policy.offline_max_s)
