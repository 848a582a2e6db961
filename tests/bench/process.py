"""What the kernel says of a process: memory, processor time, bytes written."""

import os
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """pss: pages shared with other processes count in part only."""

    rss_mib: float
    pss_mib: float
    cpu_s: float
    written_bytes: int

    @classmethod
    def of(cls, pid: int) -> "Usage":
        proc = Path(f"/proc/{pid}")
        user, system = (proc / "stat").read_text().rpartition(")")[2].split()[11:13]
        return cls(
            _number(proc / "status", "VmRSS") / 1024,
            _number(proc / "smaps_rollup", "Pss") / 1024,
            (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"),
            _number(proc / "io", "write_bytes"),
        )


def _number(file: Path, key: str) -> int:
    found = re.search(rf"^{key}:\s*(\d+)", file.read_text(), re.MULTILINE)
    assert found is not None, f"{file} has no {key}"
    return int(found[1])
