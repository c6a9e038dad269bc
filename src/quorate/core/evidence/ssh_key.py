"""SSH wire format (RFC 4251 section 5) and the two Ed25519 key types that administrators use."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

ED25519: Final = "ssh-ed25519"
SK_ED25519: Final = "sk-ssh-ed25519@openssh.com"


class SshReader:
    """Reads SSH wire types. Raises ValueError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        if length > len(self._data) - self._at:
            raise ValueError("truncated SSH data")
        self._at += length
        return self._data[self._at - length : self._at]

    def u8(self) -> int:
        return self.take(1)[0]

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.u32())

    def end(self) -> None:
        if self._at != len(self._data):
            raise ValueError("trailing bytes in SSH data")


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@dataclass(frozen=True, slots=True)
class SshKey:
    """An Ed25519 key; `application` is set for FIDO keys only (OpenSSH PROTOCOL.u2f)."""

    type: str
    public_key: bytes
    application: bytes

    @classmethod
    def from_line(cls, line: str) -> "SshKey":
        """Raises ValueError."""
        kind, _, rest = line.partition(" ")
        encoded, _, _comment = rest.partition(" ")
        try:
            key = cls.from_blob(base64.b64decode(encoded, validate=True))
        except binascii.Error:
            raise ValueError("the SSH key is not base64") from None
        if key.type != kind:
            raise ValueError(f"the SSH key says it is {kind} and is {key.type}")
        return key

    @classmethod
    def from_blob(cls, blob: bytes) -> "SshKey":
        """Raises ValueError."""
        reader = SshReader(blob)
        kind = reader.string().decode("ascii", "replace")
        if kind not in (ED25519, SK_ED25519):
            raise ValueError(f"{ED25519} or {SK_ED25519} is expected, not {kind[:40]}")
        public_key = reader.string()
        if len(public_key) != 32:
            raise ValueError("an Ed25519 public key has 32 bytes")
        application = reader.string() if kind == SK_ED25519 else b""
        reader.end()
        return cls(kind, public_key, application)

    def blob(self) -> bytes:
        tail = string(self.application) if self.type == SK_ED25519 else b""
        return string(self.type.encode("ascii")) + string(self.public_key) + tail

    def line(self) -> str:
        return f"{self.type} {base64.b64encode(self.blob()).decode('ascii')}"
