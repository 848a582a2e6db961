"""A sandbox hub of a field: what it heard and what it is told to do, whatever protocol it speaks.

Of its record only the neutral part is read: when, with what outcome, and `means`.
"""

import json
from itertools import count
from pathlib import Path
from typing import Any

from tests.system.processes import command, lines
from tests.system.protocols import PROTOCOLS, Entry

_OUTCOME = ("t", "http_status", "code", "processed", "delivered", "fault")
# What a hub of OICP rates; for the other one it is as good.
RATED_S = 10.0
CONTRACT = "DE-8EO-C12345678-X"


class Hub:
    """Its name in the agent's configuration is not the protocol's, so that nothing can take the one for the other."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.protocol = PROTOCOLS[kind]
        self.name = f"sandbox-{kind}"
        self.record = folder / f"{self.name}.jsonl"
        self.socket = folder / f"{self.name}.sock"
        self.table = ""
        self.facts: Entry = {}
        self._payments = count(1)

    # -- what it is told to do ----------------------------------------------------------------------------------

    def say(self, **words: object) -> Entry:
        """A line for its control socket."""
        return command(self.socket, words)

    def fault(self, kind: str, of: str | None = None, **parameters: object) -> None:
        """of: what of means.py; some protocols have one call for several of them."""
        only = {} if of is None else {"operation": self.protocol.names[of]}
        self.say(do="fault", kind=kind, **only, **parameters)

    def clear(self) -> None:
        self.say(do="clear")

    def card(self, uid: str, word: str) -> None:
        self.say(**{"do": "card", "uid": uid, "is": word})

    def asks(self, do: str, expected: str = "done", *, again: Entry | None = None, **words: Any) -> Entry:
        """What it asks of the operator, as far as it has words for it; the answer is a valid one, says what is
        expected, and comes within the time that a hub rates. again: the answer to what it asks once more."""
        said = {"contract": CONTRACT, "minutes": 15, "payment": f"payment {next(self._payments)}", **words}
        if again is not None:
            said[self.protocol.repeats] = again[self.protocol.repeats]
        told = {name: value for name, value in said.items() if name in self.protocol.words[do]}
        answer = self.say(do=do, **told)
        assert answer["problems"] == [], answer
        assert answer["seconds"] < RATED_S, answer
        assert answer["code"] == self.protocol.codes[do][expected], (expected, answer)
        return {**answer, "payment": told.get("payment")}

    # -- what it heard and holds --------------------------------------------------------------------------------

    def heard(self, **having: object) -> list[Entry]:
        """Requests with these values, in the order of their arrival."""
        return [one for one in self._requests() if all(one.get(name) == value for name, value in having.items())]

    def _requests(self) -> list[Entry]:
        entries = [one for one in lines(self.record) if one["event"] == "request"]
        return [_neutral(one) for one in entries]

    def statuses(self, evse_id: str) -> list[Entry]:
        """Those of an EVSE that it took."""
        return self.heard(what="status", evse_id=evse_id, taken=True)

    def last_status(self, evse_id: str) -> object:
        taken = self.statuses(evse_id)
        return taken[-1]["status"] if taken else None

    def sessions(self) -> list[Entry]:
        """In the order in which it opened them; `ours` is the operator's own ID."""
        held: list[Entry] = self.say(ask="sessions")["sessions"]
        return [{**one, "ours": one.get("partner_id", one["session_id"])} for one in held]

    @property
    def violations(self) -> list[str]:
        found: list[str] = self.say(ask="violations")["violations"]
        return found

    @property
    def faults(self) -> list[Entry]:
        """That are still set: one for a number of requests goes with the last of them."""
        found: list[Entry] = self.say(ask="faults")["faults"]
        return found

    @property
    def shown(self) -> dict[str, str]:
        """The name of each EVSE as drivers' apps have it."""
        return self.protocol.shown(self.say(ask=self.protocol.data))

    def hears(self, words: str) -> str:
        """What of the life of a session this hub is told."""
        return " ".join(word for word in words.split() if word not in self.protocol.lacks)


def _neutral(entry: Entry) -> Entry:
    """taken: it has done its work, whether or not the answer arrived."""
    taken = entry["processed"] and entry["code"] in (None, "000")
    return {name: entry[name] for name in _OUTCOME} | {"taken": taken} | _worded(entry["means"] or {})


def _worded(means: Entry) -> Entry:
    return means | {"what": "over"} if means.get("what") == "end" and "session_end" in means else means


def inbound_table(hub: Hub) -> str:
    keys = hub.protocol.pinned(hub.facts)
    return f"[hubs.{hub.name}.inbound]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
