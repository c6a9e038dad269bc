"""The charter chain as this server has it. Signers hold their own; this copy only serves, maps and looks
up."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter, SignedDocument, dump_chain, load_chain, verify_chain
from quorate.core.model.records import KeyCertificate, SignedCertificate, verify_certificate

log = logging.getLogger(__name__)


class CharterBook:
    """The verified chain, its newest version, and the key certificates that follow from it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.documents: tuple[SignedDocument, ...] = ()
        self.chain: tuple[Charter, ...] = ()
        self.proofs: dict[str, SignedCertificate] = {}
        self.certificates: dict[str, KeyCertificate] = {}
        self.load()

    @property
    def charter(self) -> Charter:
        """The newest version."""
        return self.chain[-1]

    def load(self) -> None:
        """Reads the file again. Raises QuorateError, and then keeps what was loaded before; a version never
        falls."""
        try:
            documents = load_chain(self._path.read_bytes())
        except OSError as failure:
            raise QuorateError(
                "charter_missing",
                f"cannot read {self._path}: {failure.strerror}",
                "caller",
                "activate a charter: quorate charter activate --dir DIR",
            ) from None
        chain = verify_chain(documents)
        if self.chain and [version.hash for version in chain[: len(self.chain)]] != [
            v.hash for v in self.chain
        ]:
            raise QuorateError(
                "charter_fork",
                "the file does not continue the charter in force here",
                "caller",
                "restore the chain that the signers hold",
            )
        self.documents, self.chain = documents, chain
        log.info("charter version %d, hash %s", self.charter.version, self.charter.hash.hex())

    def extend(self, documents: Sequence[SignedDocument]) -> None:
        """Continues the chain by versions that the signers have accepted, durably. Raises as `load`."""
        content = dump_chain((*self.documents, *documents))
        aside = self._path.with_name(f".{self._path.name}.new")
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.load()

    def verify(self, proof: SignedCertificate) -> KeyCertificate:
        """Raises what `verify_certificate` raises."""
        return verify_certificate(proof, self.chain)

    def add_certificate(self, proof: SignedCertificate) -> None:
        """Takes a complete certificate into use. Raises as `verify`."""
        certificate = self.verify(proof)
        self.certificates[certificate.key] = certificate
        self.proofs[certificate.key] = proof

    def proof_json(self, key: str) -> Mapping[str, object] | None:
        """The `proof` member of address answers."""
        proof = self.proofs.get(key)
        return None if proof is None else proof.to_json()
