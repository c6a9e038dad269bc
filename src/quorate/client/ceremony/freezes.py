"""Whether a freeze is effective, told from the signers' own signatures and not from the server's word."""

from collections.abc import Mapping, Sequence
from typing import Any

from quorate.core.errors import QuorateError
from quorate.core.model import labels
from quorate.core.model.charter import Charter
from quorate.core.model.charter.chain import read_document
from quorate.core.model.freeze import Freeze, FreezeSet
from quorate.core.model.records import Acknowledgement, Signed, verify_signed


def needed(charter: Charter) -> int:
    """n - t + 1: then no t signers can sign without one that knows."""
    return charter.n - charter.threshold + 1


def known_to(answer: Mapping[str, Any]) -> FreezeSet:
    """The freezes in an answer of GET /quorate/v1/freezes."""
    known = FreezeSet().lift(answer["lifted"])
    for at, item in enumerate(answer["freezes"]):
        known = known.add(Freeze.from_bytes(read_document(item, f"freezes[{at}]", "freeze").body))
    return known


def acknowledging(charter: Charter, known: FreezeSet, said: Sequence[Mapping[str, str]]) -> list[str]:
    """The signers of the charter that say under their signature that exactly these freezes are in force."""
    found = (_signer(charter, known, each) for each in said)
    return sorted({signer for signer in found if signer})


def _signer(charter: Charter, known: FreezeSet, said: Mapping[str, str]) -> str:
    try:
        signed = Signed(bytes.fromhex(said["body"]), bytes.fromhex(said["signature"]))
        content = Acknowledgement.from_bytes(signed.body)
        signer = charter.signer(content.signer)
        if signer is None or content.cluster != charter.cluster:
            return ""
        verify_signed(labels.ACKNOWLEDGEMENT, signed, signer.vote_key)
    except (QuorateError, KeyError, ValueError):
        return ""
    state = (content.freeze_count, content.freeze_hash)
    return signer.id if state == (known.state.count, known.state.hash) else ""
