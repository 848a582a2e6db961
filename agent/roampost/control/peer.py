"""Who is at the other end of a unix socket, by the kernel's word, and whether that one may command the agent."""

import os
import socket
import struct

from roampost.control.protocol import Peer

_UCRED = struct.Struct("3i")  # pid, uid, gid: struct ucred, unix(7)
# asm-generic/socket.h; the socket module of Python 3.11 does not name it.
_SO_PEERGROUPS = 59
_MOST_GROUPS = 1024


def peer_of(sock: socket.socket) -> Peer:
    pid, uid, gid = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(uid=uid, gid=gid, pid=pid)


def groups_of(sock: socket.socket) -> frozenset[int]:
    """The supplementary groups that the peer had when it connected; none where the kernel cannot tell."""
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_GROUPS * 4)
    except OSError:
        return frozenset()
    return frozenset(struct.unpack(f"{len(raw) // 4}I", raw))


def may_command(peer: Peer, groups: frozenset[int], socket_gid: int, own_uid: int | None = None) -> bool:
    """Root, the service's own user, and members of the socket's group."""
    own = os.geteuid() if own_uid is None else own_uid
    return peer.uid in (0, own) or peer.gid == socket_gid or socket_gid in groups
