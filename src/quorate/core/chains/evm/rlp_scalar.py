"""RLP of integers and short lists (Yellow Paper, appendix B), for what the decoder hashes anew."""


def scalar(value: int) -> bytes:
    """Big-endian without leading zeros; `value` is below 2^256."""
    text = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return text if len(text) == 1 and text[0] < 0x80 else bytes([0x80 + len(text)]) + text


def short_list(*items: bytes) -> bytes:
    """A list of encoded items that together have at most 255 bytes."""
    body = b"".join(items)
    return (bytes([0xC0 + len(body)]) if len(body) <= 55 else bytes([0xF8, len(body)])) + body
