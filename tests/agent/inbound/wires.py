"""Requests as bytes, and what comes back on the wire."""

import asyncio
import json
from typing import Any


def plain(path: str, body: bytes, *headers: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
    head += [] if any("chunked" in one for one in headers) else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return int(head.split(b" ")[1]), json.loads(await reader.readexactly(length))
