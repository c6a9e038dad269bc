"""Whether bytes may be signed although other bytes of the same request were: at most one may take effect.

Both use the same of what one transaction at most can use: the EVM nonce, all Bitcoin outputs. So any two
versions exclude each other, also two that no one signer has seen; and whichever takes effect leaves nothing
bound to the request that could still be spent.
"""

from quorate.core.chains.reading import Reading


def refusal(earlier: Reading, new: Reading) -> str:
    """Why `new` may not take the place of `earlier`; empty where it may.

    A replacement does the same for a higher fee, which the request's ceiling bounds, or it pays nobody. What
    was taken back stays so.
    """
    if not earlier.takes or set(earlier.takes) != set(new.takes):
        return "these use another nonce, or other outputs"
    if new.cancels:
        return ""
    if earlier.cancels:
        return "those take the request back"
    return "" if new.fee > earlier.fee else "these pay no higher fee"
