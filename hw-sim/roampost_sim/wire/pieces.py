"""A reply as a faulty line delivers it: pieces of bytes, each with the wait before it."""

from roampost_sim.wire.faults import FaultKind, LineFaults

NOISE = b"\x00"


def reply_pieces(frame: bytes, faults: LineFaults, unit: int) -> list[tuple[float, bytes]]:
    if faults.take(FaultKind.BAD_CRC, unit):
        frame = frame[:-1] + bytes([frame[-1] ^ 0xFF])
    if faults.take(FaultKind.NOISE, unit):
        frame = NOISE + frame
    late_s = faults.delay_s(FaultKind.LATE, unit)
    split = faults.take(FaultKind.SPLIT, unit)
    if split is None:
        return [(late_s, frame)]
    middle = len(frame) // 2
    return [(late_s, frame[:middle]), (split.delay_s, frame[middle:])]
