"""`roampost` on a disk that takes no commit while a file lies there: SLOW_DISK names it. One fault, and nothing else.

The stall is where fsync is: inside COMMIT, on the writer's thread, with the interpreter free for the others.
"""

import os
import sqlite3
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

GATE = Path(os.environ["SLOW_DISK"])


class SlowConnection(sqlite3.Connection):
    def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        while statement.strip().lower() == "commit" and GATE.exists():
            time.sleep(0.01)
        return super().execute(statement, *parameters)


if __name__ == "__main__":
    sqlite3.connect = partial(sqlite3.connect, factory=SlowConnection)  # type: ignore[assignment]
    from roampost.cli import main

    sys.exit(main(sys.argv[1:]))
