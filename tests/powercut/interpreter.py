"""The Python that can lose power: Debian's, whose sqlite3 and apsw share one libsqlite3, with this one's packages."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import roampost

DEBIAN = "/usr/bin/python3"
ROOT = Path(__file__).resolve().parents[2]
_PROBE = """
import sys
try:
    from tests.powercut.vfs import shared
    import roampost.outbox.classes
except ImportError as error:
    sys.exit(f"{error.name or error} cannot be imported by {sys.executable} {sys.version.split()[0]}")
sys.exit(None if shared() else "sqlite3 and apsw do not share one libsqlite3")
"""


def environment() -> dict[str, str]:
    """This Python's packages and this tree, for Debian's."""
    paths = [str(ROOT), str(Path(roampost.__file__).parents[1]), sysconfig.get_path("purelib")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"}


def why_not() -> str | None:
    """One sentence, or None when simulated power cuts can run here."""
    if not Path(DEBIAN).exists():
        return f"there is no {DEBIAN}; simulated power cuts need Debian's, and its python3-apsw"
    probe = [DEBIAN, "-c", _PROBE]
    found = subprocess.run(probe, env=environment(), capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return None
    return f"{found.stderr.strip()}; simulated power cuts need Debian's python3-apsw and a Python of its version"


def command(*arguments: str) -> list[str]:
    return [DEBIAN, "-m", "tests.powercut", *arguments]


def is_this() -> bool:
    return Path(sys.executable).resolve() == Path(DEBIAN).resolve()
