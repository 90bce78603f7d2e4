"""A packed body → its bytes, never more than asked for."""

from __future__ import annotations

import zlib
from typing import Final

from monitor.guard.answer import WireError

PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
ALIEN: Final = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})  # packed, and not what we asked for


class Unpacker:
    """Unpacks gzip and deflate in pieces, never past *most* bytes however small what comes in."""

    def __init__(self, encoding: str, most: int) -> None:
        self._most = most
        self._encoding = encoding
        self._inflate: zlib._Decompress | None = None
        self._plain = encoding not in PACKED
        self.unpacked = bytearray()

    def feed(self, data: bytes) -> None:
        """Take *data* in; WireError if the whole becomes too big or is not packed as it should be."""
        if self._inflate is None and not self._plain:
            self._begin(data)
        if self._plain:
            self.unpacked += data
        else:
            while data:
                data = self._step(data)
        if len(self.unpacked) > self._most:
            raise WireError("too_big", f"more than {self._most:,} bytes after unpacking")

    def _begin(self, data: bytes) -> None:
        """Choose by the first bytes: servers say gzip and send none, and two formats are called deflate."""
        if self._encoding == "deflate":
            zlib_head = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._inflate = zlib.decompressobj(15 if zlib_head else -15)
        elif data[:1] == b"\x1f":
            self._inflate = zlib.decompressobj(31)
        else:
            self._plain = True

    def _step(self, data: bytes) -> bytes:
        assert self._inflate is not None
        room = self._most + 1 - len(self.unpacked)
        try:
            self.unpacked += self._inflate.decompress(data, max(room, 1))
        except zlib.error as error:
            raise WireError("protocol", f"the body is not {self._encoding}: {error}") from None
        if len(self.unpacked) > self._most:
            return b""
        if self._inflate.eof and self._encoding != "deflate" and self._inflate.unused_data[:1] == b"\x1f":
            rest, self._inflate = self._inflate.unused_data, zlib.decompressobj(31)  # gzip may hold several members
            return rest
        return self._inflate.unconsumed_tail

    def finish(self) -> bytes:
        """Return what was unpacked; WireError if the end is missing."""
        if self._inflate is not None and not self._inflate.eof:
            raise WireError("protocol", f"the {self._encoding} body ends too early")
        return bytes(self.unpacked)
