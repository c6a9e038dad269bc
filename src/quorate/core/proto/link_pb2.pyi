import builtins
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Signed(_message.Message):
    __slots__ = ("body", "signature")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    signature: builtins.bytes
    def __init__(self, body: _Optional[builtins.bytes] = ..., signature: _Optional[builtins.bytes] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("reason_class", "check", "rule", "message", "whose", "signer", "intent_hash", "attempt_hash", "trace")
    REASON_CLASS_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WHOSE_FIELD_NUMBER: _ClassVar[int]
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    INTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_HASH_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    reason_class: str
    check: str
    rule: str
    message: str
    whose: str
    signer: str
    intent_hash: builtins.bytes
    attempt_hash: builtins.bytes
    trace: str
    def __init__(self, reason_class: _Optional[str] = ..., check: _Optional[str] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ..., whose: _Optional[str] = ..., signer: _Optional[str] = ..., intent_hash: _Optional[builtins.bytes] = ..., attempt_hash: _Optional[builtins.bytes] = ..., trace: _Optional[str] = ...) -> None: ...

class ToServer(_message.Message):
    __slots__ = ("hello", "answer", "envelope", "peer_query", "peer_answer", "session_done", "session_dead", "certificate_part", "ceremony_progress", "ready", "standing", "freeze", "veto", "document")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    PEER_QUERY_FIELD_NUMBER: _ClassVar[int]
    PEER_ANSWER_FIELD_NUMBER: _ClassVar[int]
    SESSION_DONE_FIELD_NUMBER: _ClassVar[int]
    SESSION_DEAD_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_PART_FIELD_NUMBER: _ClassVar[int]
    CEREMONY_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    FREEZE_FIELD_NUMBER: _ClassVar[int]
    VETO_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    answer: Answer
    envelope: Envelope
    peer_query: PeerQuery
    peer_answer: PeerAnswer
    session_done: SessionDone
    session_dead: SessionDead
    certificate_part: CertificatePart
    ceremony_progress: CeremonyProgress
    ready: Ready
    standing: Standing
    freeze: SignedDocument
    veto: SignedDocument
    document: Document
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping[str, object]]] = ..., answer: _Optional[_Union[Answer, _Mapping[str, object]]] = ..., envelope: _Optional[_Union[Envelope, _Mapping[str, object]]] = ..., peer_query: _Optional[_Union[PeerQuery, _Mapping[str, object]]] = ..., peer_answer: _Optional[_Union[PeerAnswer, _Mapping[str, object]]] = ..., session_done: _Optional[_Union[SessionDone, _Mapping[str, object]]] = ..., session_dead: _Optional[_Union[SessionDead, _Mapping[str, object]]] = ..., certificate_part: _Optional[_Union[CertificatePart, _Mapping[str, object]]] = ..., ceremony_progress: _Optional[_Union[CeremonyProgress, _Mapping[str, object]]] = ..., ready: _Optional[_Union[Ready, _Mapping[str, object]]] = ..., standing: _Optional[_Union[Standing, _Mapping[str, object]]] = ..., freeze: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ..., veto: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ..., document: _Optional[_Union[Document, _Mapping[str, object]]] = ...) -> None: ...

class ToSigner(_message.Message):
    __slots__ = ("welcome", "request", "envelope", "peer_query", "peer_answer", "certificate", "peer_connected")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    PEER_QUERY_FIELD_NUMBER: _ClassVar[int]
    PEER_ANSWER_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    PEER_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    request: Request
    envelope: Envelope
    peer_query: PeerQuery
    peer_answer: PeerAnswer
    certificate: Certificate
    peer_connected: PeerConnected
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping[str, object]]] = ..., request: _Optional[_Union[Request, _Mapping[str, object]]] = ..., envelope: _Optional[_Union[Envelope, _Mapping[str, object]]] = ..., peer_query: _Optional[_Union[PeerQuery, _Mapping[str, object]]] = ..., peer_answer: _Optional[_Union[PeerAnswer, _Mapping[str, object]]] = ..., certificate: _Optional[_Union[Certificate, _Mapping[str, object]]] = ..., peer_connected: _Optional[_Union[PeerConnected, _Mapping[str, object]]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol", "signer", "software", "cluster", "charter_version", "charter_hash", "incarnation", "acknowledgement", "isolation", "seal", "ready", "certificates", "freezes", "pending", "documents")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_HASH_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_FIELD_NUMBER: _ClassVar[int]
    SEAL_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    FREEZES_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    signer: str
    software: str
    cluster: str
    charter_version: int
    charter_hash: builtins.bytes
    incarnation: int
    acknowledgement: Signed
    isolation: str
    seal: str
    ready: Ready
    certificates: _containers.RepeatedCompositeFieldContainer[Certificate]
    freezes: _containers.RepeatedCompositeFieldContainer[SignedDocument]
    pending: _containers.RepeatedCompositeFieldContainer[Pending]
    documents: Documents
    def __init__(self, protocol: _Optional[int] = ..., signer: _Optional[str] = ..., software: _Optional[str] = ..., cluster: _Optional[str] = ..., charter_version: _Optional[int] = ..., charter_hash: _Optional[builtins.bytes] = ..., incarnation: _Optional[int] = ..., acknowledgement: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., isolation: _Optional[str] = ..., seal: _Optional[str] = ..., ready: _Optional[_Union[Ready, _Mapping[str, object]]] = ..., certificates: _Optional[_Iterable[_Union[Certificate, _Mapping[str, object]]]] = ..., freezes: _Optional[_Iterable[_Union[SignedDocument, _Mapping[str, object]]]] = ..., pending: _Optional[_Iterable[_Union[Pending, _Mapping[str, object]]]] = ..., documents: _Optional[_Union[Documents, _Mapping[str, object]]] = ...) -> None: ...

class Ready(_message.Message):
    __slots__ = ("may_vote", "heard", "needed", "refusal")
    MAY_VOTE_FIELD_NUMBER: _ClassVar[int]
    HEARD_FIELD_NUMBER: _ClassVar[int]
    NEEDED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    may_vote: bool
    heard: _containers.RepeatedScalarFieldContainer[str]
    needed: int
    refusal: str
    def __init__(self, may_vote: _Optional[bool] = ..., heard: _Optional[_Iterable[str]] = ..., needed: _Optional[int] = ..., refusal: _Optional[str] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("protocol", "connected", "tally_count")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    TALLY_COUNT_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    connected: _containers.RepeatedScalarFieldContainer[str]
    tally_count: int
    def __init__(self, protocol: _Optional[int] = ..., connected: _Optional[_Iterable[str]] = ..., tally_count: _Optional[int] = ...) -> None: ...

class PeerConnected(_message.Message):
    __slots__ = ("signer",)
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    signer: str
    def __init__(self, signer: _Optional[str] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("id", "admit", "open", "release", "order", "abandon", "rejection", "freeze", "proposal", "veto", "document")
    ID_FIELD_NUMBER: _ClassVar[int]
    ADMIT_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ABANDON_FIELD_NUMBER: _ClassVar[int]
    REJECTION_FIELD_NUMBER: _ClassVar[int]
    FREEZE_FIELD_NUMBER: _ClassVar[int]
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    VETO_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    id: int
    admit: Admit
    open: Open
    release: Release
    order: Order
    abandon: Abandon
    rejection: Rejection
    freeze: SignedDocument
    proposal: Proposal
    veto: SignedDocument
    document: Document
    def __init__(self, id: _Optional[int] = ..., admit: _Optional[_Union[Admit, _Mapping[str, object]]] = ..., open: _Optional[_Union[Open, _Mapping[str, object]]] = ..., release: _Optional[_Union[Release, _Mapping[str, object]]] = ..., order: _Optional[_Union[Order, _Mapping[str, object]]] = ..., abandon: _Optional[_Union[Abandon, _Mapping[str, object]]] = ..., rejection: _Optional[_Union[Rejection, _Mapping[str, object]]] = ..., freeze: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ..., proposal: _Optional[_Union[Proposal, _Mapping[str, object]]] = ..., veto: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ..., document: _Optional[_Union[Document, _Mapping[str, object]]] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("id", "refusal", "admitted", "opened", "result", "done", "standing", "documents")
    ID_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    ADMITTED_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    id: int
    refusal: Refusal
    admitted: Admitted
    opened: Opened
    result: Result
    done: Done
    standing: Standing
    documents: Documents
    def __init__(self, id: _Optional[int] = ..., refusal: _Optional[_Union[Refusal, _Mapping[str, object]]] = ..., admitted: _Optional[_Union[Admitted, _Mapping[str, object]]] = ..., opened: _Optional[_Union[Opened, _Mapping[str, object]]] = ..., result: _Optional[_Union[Result, _Mapping[str, object]]] = ..., done: _Optional[_Union[Done, _Mapping[str, object]]] = ..., standing: _Optional[_Union[Standing, _Mapping[str, object]]] = ..., documents: _Optional[_Union[Documents, _Mapping[str, object]]] = ...) -> None: ...

class Done(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SignedDocument(_message.Message):
    __slots__ = ("body", "signatures")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    signatures: _containers.RepeatedCompositeFieldContainer[SshSignature]
    def __init__(self, body: _Optional[builtins.bytes] = ..., signatures: _Optional[_Iterable[_Union[SshSignature, _Mapping[str, object]]]] = ...) -> None: ...

class Proposal(_message.Message):
    __slots__ = ("versions", "acknowledgements")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENTS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[SignedDocument]
    acknowledgements: _containers.RepeatedCompositeFieldContainer[Signed]
    def __init__(self, versions: _Optional[_Iterable[_Union[SignedDocument, _Mapping[str, object]]]] = ..., acknowledgements: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ...) -> None: ...

class Pending(_message.Message):
    __slots__ = ("version", "charter", "due_ms", "vetoed")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_FIELD_NUMBER: _ClassVar[int]
    DUE_MS_FIELD_NUMBER: _ClassVar[int]
    VETOED_FIELD_NUMBER: _ClassVar[int]
    version: int
    charter: builtins.bytes
    due_ms: int
    vetoed: bool
    def __init__(self, version: _Optional[int] = ..., charter: _Optional[builtins.bytes] = ..., due_ms: _Optional[int] = ..., vetoed: _Optional[bool] = ...) -> None: ...

class Standing(_message.Message):
    __slots__ = ("acknowledgement", "pending")
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    acknowledgement: Signed
    pending: _containers.RepeatedCompositeFieldContainer[Pending]
    def __init__(self, acknowledgement: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., pending: _Optional[_Iterable[_Union[Pending, _Mapping[str, object]]]] = ...) -> None: ...

class Document(_message.Message):
    __slots__ = ("content",)
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    content: builtins.bytes
    def __init__(self, content: _Optional[builtins.bytes] = ...) -> None: ...

class Documents(_message.Message):
    __slots__ = ("held",)
    HELD_FIELD_NUMBER: _ClassVar[int]
    held: _containers.RepeatedScalarFieldContainer[builtins.bytes]
    def __init__(self, held: _Optional[_Iterable[builtins.bytes]] = ...) -> None: ...

class RawRequest(_message.Message):
    __slots__ = ("method", "uri", "body", "token")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    method: str
    uri: str
    body: builtins.bytes
    token: str
    def __init__(self, method: _Optional[str] = ..., uri: _Optional[str] = ..., body: _Optional[builtins.bytes] = ..., token: _Optional[str] = ...) -> None: ...

class Admit(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: RawRequest
    def __init__(self, request: _Optional[_Union[RawRequest, _Mapping[str, object]]] = ...) -> None: ...

class Admitted(_message.Message):
    __slots__ = ("admission", "intent")
    ADMISSION_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    admission: Signed
    intent: builtins.bytes
    def __init__(self, admission: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., intent: _Optional[builtins.bytes] = ...) -> None: ...

class Open(_message.Message):
    __slots__ = ("intent_hash", "format", "bytes", "members", "session", "request", "admissions", "tally", "statements", "earlier")
    INTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ADMISSIONS_FIELD_NUMBER: _ClassVar[int]
    TALLY_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    EARLIER_FIELD_NUMBER: _ClassVar[int]
    intent_hash: builtins.bytes
    format: str
    bytes: builtins.bytes
    members: _containers.RepeatedScalarFieldContainer[str]
    session: int
    request: RawRequest
    admissions: _containers.RepeatedCompositeFieldContainer[Signed]
    tally: _containers.RepeatedCompositeFieldContainer[Signed]
    statements: _containers.RepeatedCompositeFieldContainer[Statement]
    earlier: _containers.RepeatedScalarFieldContainer[builtins.bytes]
    def __init__(self, intent_hash: _Optional[builtins.bytes] = ..., format: _Optional[str] = ..., bytes: _Optional[builtins.bytes] = ..., members: _Optional[_Iterable[str]] = ..., session: _Optional[int] = ..., request: _Optional[_Union[RawRequest, _Mapping[str, object]]] = ..., admissions: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ..., tally: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ..., statements: _Optional[_Iterable[_Union[Statement, _Mapping[str, object]]]] = ..., earlier: _Optional[_Iterable[builtins.bytes]] = ...) -> None: ...

class Statement(_message.Message):
    __slots__ = ("body", "armor")
    BODY_FIELD_NUMBER: _ClassVar[int]
    ARMOR_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    armor: str
    def __init__(self, body: _Optional[builtins.bytes] = ..., armor: _Optional[str] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("statement",)
    STATEMENT_FIELD_NUMBER: _ClassVar[int]
    statement: Statement
    def __init__(self, statement: _Optional[_Union[Statement, _Mapping[str, object]]] = ...) -> None: ...

class Opened(_message.Message):
    __slots__ = ("vote", "session_id", "tally")
    VOTE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TALLY_FIELD_NUMBER: _ClassVar[int]
    vote: Signed
    session_id: builtins.bytes
    tally: _containers.RepeatedCompositeFieldContainer[Signed]
    def __init__(self, vote: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., session_id: _Optional[builtins.bytes] = ..., tally: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ...) -> None: ...

class Release(_message.Message):
    __slots__ = ("session_id", "votes", "tally")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    VOTES_FIELD_NUMBER: _ClassVar[int]
    TALLY_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    votes: _containers.RepeatedCompositeFieldContainer[Signed]
    tally: _containers.RepeatedCompositeFieldContainer[Signed]
    def __init__(self, session_id: _Optional[builtins.bytes] = ..., votes: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ..., tally: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ...) -> None: ...

class Abandon(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    def __init__(self, session_id: _Optional[builtins.bytes] = ...) -> None: ...

class ItemSignature(_message.Message):
    __slots__ = ("signature", "recovery_id", "public_key")
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_ID_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    signature: builtins.bytes
    recovery_id: int
    public_key: builtins.bytes
    def __init__(self, signature: _Optional[builtins.bytes] = ..., recovery_id: _Optional[int] = ..., public_key: _Optional[builtins.bytes] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("intent_hash", "attempt_hash", "items", "bytes")
    INTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_HASH_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    intent_hash: builtins.bytes
    attempt_hash: builtins.bytes
    items: _containers.RepeatedCompositeFieldContainer[ItemSignature]
    bytes: builtins.bytes
    def __init__(self, intent_hash: _Optional[builtins.bytes] = ..., attempt_hash: _Optional[builtins.bytes] = ..., items: _Optional[_Iterable[_Union[ItemSignature, _Mapping[str, object]]]] = ..., bytes: _Optional[builtins.bytes] = ...) -> None: ...

class SessionDone(_message.Message):
    __slots__ = ("session_id", "result")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    result: Result
    def __init__(self, session_id: _Optional[builtins.bytes] = ..., result: _Optional[_Union[Result, _Mapping[str, object]]] = ...) -> None: ...

class SessionDead(_message.Message):
    __slots__ = ("session_id", "reason")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    reason: Refusal
    def __init__(self, session_id: _Optional[builtins.bytes] = ..., reason: _Optional[_Union[Refusal, _Mapping[str, object]]] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("body", "signatures")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    signatures: _containers.RepeatedCompositeFieldContainer[SshSignature]
    def __init__(self, body: _Optional[builtins.bytes] = ..., signatures: _Optional[_Iterable[_Union[SshSignature, _Mapping[str, object]]]] = ...) -> None: ...

class SshSignature(_message.Message):
    __slots__ = ("administrator", "armor")
    ADMINISTRATOR_FIELD_NUMBER: _ClassVar[int]
    ARMOR_FIELD_NUMBER: _ClassVar[int]
    administrator: str
    armor: str
    def __init__(self, administrator: _Optional[str] = ..., armor: _Optional[str] = ...) -> None: ...

class CertificatePart(_message.Message):
    __slots__ = ("order_id", "certificate", "failure")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    certificate: Signed
    failure: Refusal
    def __init__(self, order_id: _Optional[str] = ..., certificate: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., failure: _Optional[_Union[Refusal, _Mapping[str, object]]] = ...) -> None: ...

class CeremonyProgress(_message.Message):
    __slots__ = ("order_id", "step", "done", "of")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    step: str
    done: int
    of: int
    def __init__(self, order_id: _Optional[str] = ..., step: _Optional[str] = ..., done: _Optional[int] = ..., of: _Optional[int] = ...) -> None: ...

class Certificate(_message.Message):
    __slots__ = ("body", "signatures")
    class SignaturesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: builtins.bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[builtins.bytes] = ...) -> None: ...
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    signatures: _containers.ScalarMap[str, builtins.bytes]
    def __init__(self, body: _Optional[builtins.bytes] = ..., signatures: _Optional[_Mapping[str, builtins.bytes]] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ("to", "ciphertext")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    CIPHERTEXT_FIELD_NUMBER: _ClassVar[int]
    to: str
    ciphertext: builtins.bytes
    def __init__(self, to: _Optional[str] = ..., ciphertext: _Optional[builtins.bytes] = ..., **kwargs: object) -> None: ...

class PeerQuery(_message.Message):
    __slots__ = ("nonce", "incarnation")
    FROM_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    nonce: builtins.bytes
    incarnation: int
    def __init__(self, nonce: _Optional[builtins.bytes] = ..., incarnation: _Optional[int] = ..., **kwargs: object) -> None: ...

class PeerAnswer(_message.Message):
    __slots__ = ("about", "state")
    FROM_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    about: str
    state: Signed
    def __init__(self, about: _Optional[str] = ..., state: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., **kwargs: object) -> None: ...
