"""Who imports what: the pure modules bring in nothing that waits."""

import subprocess
import sys

PURE = "import roampost.hubs.oicp.encode, roampost.hubs.oicp.authorization"
ABSENT = {"asyncio", "httpx", "sqlite3", "ssl"}


def test_pure_modules_bring_in_nothing_that_waits() -> None:
    program = f"import sys; {PURE}; print(*sorted(set(sys.modules) & {ABSENT!r}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
