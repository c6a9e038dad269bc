"""Smallest unit -> the decimal text that clients read."""


def to_text(amount: int, decimals: int) -> str:
    """1500000000000000000 with 18 decimals -> "1.5". Exact."""
    if decimals == 0:
        return str(amount)
    whole, fraction = divmod(amount, 10**decimals)
    digits = str(fraction).rjust(decimals, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def to_number(text: str) -> float | int:
    """The deprecated numeric members, for display only: nothing here is computed with them."""
    return float(text) if "." in text else int(text)
