"""Whether bytes may be signed although other bytes of the same request were: at most one may take effect.

Both use one thing that a single transaction can use: the same EVM nonce, the same Bitcoin output. The first
thing that bytes use is what every later version of them must use too, so that any two versions exclude each
other, also two that no one signer has seen.
"""

from quorate.core.chains.reading import Reading


def refusal(earlier: Reading, new: Reading) -> str:
    """Why `new` may not take the place of `earlier`; empty where it may.

    A replacement does the same for a higher fee, which the request's ceiling bounds, or it pays nobody. What
    was taken back stays so.
    """
    if not earlier.takes or earlier.takes[0] not in new.takes:
        return "these could take effect beside them"
    if new.cancels:
        return ""
    if earlier.cancels:
        return "those take the request back"
    return "" if new.fee > earlier.fee else "these pay no higher fee"
