"""Lanes in the order of a key, the smallest first. Pure; putting a lane again replaces its place.

A heap whose outdated entries are skipped when they come up, so that nothing ever looks at every lane.
"""

from heapq import heapify, heappop, heappush

Key = tuple[int, ...]


class Turns:
    def __init__(self) -> None:
        self._heap: list[tuple[Key, str]] = []
        self._keys: dict[str, Key] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, lane: str, key: Key) -> None:
        self._keys[lane] = key
        heappush(self._heap, (key, lane))
        if len(self._heap) > 2 * len(self._keys) + 64:
            self._heap = [(key, lane) for lane, key in self._keys.items()]
            heapify(self._heap)

    def drop(self, lane: str) -> None:
        self._keys.pop(lane, None)

    def first(self) -> tuple[Key, str] | None:
        while self._heap:
            key, lane = self._heap[0]
            if self._keys.get(lane) == key:
                return key, lane
            heappop(self._heap)
        return None
