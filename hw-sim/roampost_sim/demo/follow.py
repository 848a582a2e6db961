"""Reads a file of JSON lines while another process writes it: whole lines only, each once."""

import json
from pathlib import Path
from typing import Any, TextIO


class Follower:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._stream: TextIO | None = None
        self._rest = ""

    def fresh(self) -> list[dict[str, Any]]:
        """What was written since the last call; nothing while the file is not there yet."""
        if self._stream is None:
            if not self._file.exists():
                return []
            self._stream = self._file.open(encoding="utf-8")
        *lines, self._rest = (self._rest + self._stream.read()).split("\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
