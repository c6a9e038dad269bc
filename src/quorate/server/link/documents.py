"""Documents that administrators signed, as they go over the link."""

from quorate.core.model.charter import SignedDocument
from quorate.core.model.records import Signed
from quorate.core.proto import link_pb2


def to_link(document: SignedDocument) -> link_pb2.SignedDocument:
    signatures = [link_pb2.SshSignature(administrator=id, armor=armor) for id, armor in document.signatures]
    return link_pb2.SignedDocument(body=document.body, signatures=signatures)


def from_link(message: link_pb2.SignedDocument) -> SignedDocument:
    return SignedDocument(message.body, tuple((s.administrator, s.armor) for s in message.signatures))


def signed_to_link(signed: Signed) -> link_pb2.Signed:
    return link_pb2.Signed(body=signed.body, signature=signed.signature)
