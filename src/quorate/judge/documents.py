"""Documents that administrators signed, in the forms in which they travel."""

from quorate.core.model.charter import SignedDocument
from quorate.core.proto import keeper_pb2, link_pb2


def to_keeper(document: SignedDocument) -> keeper_pb2.SignedDocument:
    signatures = [keeper_pb2.SshSignature(administrator=id, armor=armor) for id, armor in document.signatures]
    return keeper_pb2.SignedDocument(body=document.body, signatures=signatures)


def from_link(message: link_pb2.SignedDocument | link_pb2.Order) -> SignedDocument:
    return SignedDocument(message.body, tuple((s.administrator, s.armor) for s in message.signatures))


def to_link(document: SignedDocument) -> link_pb2.SignedDocument:
    signatures = [link_pb2.SshSignature(administrator=id, armor=armor) for id, armor in document.signatures]
    return link_pb2.SignedDocument(body=document.body, signatures=signatures)
