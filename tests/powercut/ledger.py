"""What the store has promised, kept apart from it in plain values: looked up in its content after every answer."""

from collections import Counter
from dataclasses import dataclass, field

from roampost.store.changes import Audit, Change, CommitReceipt, Draft, EvseRow, RowState, SessionRow
from tests.powercut.witness import Content, columns

_UNFINISHED = frozenset({RowState.QUEUED, RowState.SENDING, RowState.HELD, RowState.PARKED})


@dataclass
class Ledger:
    """told: the last state that a record's promises allow; bodies: what each number of the outbox is."""

    evses: dict[str, EvseRow] = field(default_factory=dict)
    sessions: dict[str, SessionRow] = field(default_factory=dict)
    latches: set[tuple[str, str]] = field(default_factory=set)
    bodies: dict[int, Draft] = field(default_factory=dict)
    records: dict[int, RowState] = field(default_factory=dict)
    audits: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def written(self, change: Change, receipt: CommitReceipt, refused: frozenset[str]) -> None:
        """refused: sessions of which the hub takes nothing any more."""
        self.evses.update({row.evse_id: row for row in change.evses})
        self.sessions.update({row.session_id: row for row in change.sessions})
        self.latches |= {(latch.evse_id, latch.fault) for latch in change.latches_set}
        self.latches -= set(change.latches_cleared)
        for audit in change.audits:
            self.audited(audit)
        for seq, one in zip(receipt.seqs, change.drafts, strict=True):
            assert seq not in self.bodies, f"the number {seq} was given twice"
            self.bodies[seq] = one
            if one.kind == "cdr":
                self.records[seq] = RowState.REFUSED if one.session_id in refused else RowState.QUEUED

    def audited(self, audit: Audit) -> None:
        self.audits[audit.what, audit.target, audit.reason] += 1

    def stands(self, seq: int, state: RowState) -> None:
        """Of a charge detail record; of the others only the newest may count, so that they come and go."""
        if seq in self.records:
            self.records[seq] = state

    def lane_stands(self, lane: str, state: RowState, *, was: frozenset[RowState] = _UNFINISHED) -> None:
        for seq, known in self.records.items():
            if self.bodies[seq].lane == lane and known in was:
                self.records[seq] = state

    def pruned(self, content: Content) -> None:
        """What was finished may be gone; what was not may not, and `check` will miss it."""
        there = {seq for (seq,) in columns(content, "outbox", "seq")}
        for seq in set(self.bodies) - there:
            if self.records.get(seq) not in _UNFINISHED:
                del self.bodies[seq]
                self.records.pop(seq, None)
        sessions = {name for (name,) in columns(content, "session", "session_id")}
        self.sessions = {name: row for name, row in self.sessions.items() if name in sessions or row.state != "closed"}
        self.audits &= Counter(columns(content, "audit", "what", "target", "reason"))

    def check(self, content: Content) -> None:
        """Raise an AssertionError for the first promise that the content does not keep."""
        self._check_outbox(content)
        evses = set(columns(content, "evse", "evse_id", "state", "context", "permitted_ma"))
        assert evses >= {(row.evse_id, row.state, row.context, row.permitted_ma) for row in self.evses.values()}
        wanted = ("session_id", "evse_id", "body", "state", "hub", "hub_session_id", "why")
        there = set(columns(content, "session", *wanted))
        assert there >= {tuple(getattr(row, name) for name in wanted) for row in self.sessions.values()}
        assert set(columns(content, "fault_latch", "evse_id", "fault")) >= self.latches
        assert Counter(columns(content, "audit", "what", "target", "reason")) >= self.audits

    def _check_outbox(self, content: Content) -> None:
        wanted = ("hub", "lane", "kind", "evse_id", "session_id", "body")
        found = {seq: (state, tuple(rest)) for seq, state, *rest in columns(content, "outbox", "seq", "state", *wanted)}
        for seq, one in self.bodies.items():
            assert seq in found, f"message {seq} ({one.kind}) is gone"
            assert found[seq][1] == tuple(getattr(one, name) for name in wanted), f"message {seq} is another one"
        for seq, state in self.records.items():
            assert found[seq][0] == state, f"record {seq} is {found[seq][0]}, promised was {state}"
        bodies = Counter(text[5] for _, text in found.values() if text[2] == "cdr")
        assert not bodies or max(bodies.values()) == 1, "a charge detail record is there twice"
