import builtins
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ToKeeper(_message.Message):
    __slots__ = ("id", "load", "accept_charter", "answer_peer", "hear_peer", "sign_admission", "checkpoint", "order", "certificate", "vote", "release", "abandon", "envelope", "connected", "status", "adopt_tally", "freeze")
    ID_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_CHARTER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_PEER_FIELD_NUMBER: _ClassVar[int]
    HEAR_PEER_FIELD_NUMBER: _ClassVar[int]
    SIGN_ADMISSION_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    ABANDON_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ADOPT_TALLY_FIELD_NUMBER: _ClassVar[int]
    FREEZE_FIELD_NUMBER: _ClassVar[int]
    id: int
    load: Load
    accept_charter: AcceptCharter
    answer_peer: AnswerPeer
    hear_peer: HearPeer
    sign_admission: SignAdmission
    checkpoint: Checkpoint
    order: Order
    certificate: Certificate
    vote: Vote
    release: Release
    abandon: Abandon
    envelope: Envelope
    connected: Connected
    status: Status
    adopt_tally: AdoptTally
    freeze: Freeze
    def __init__(self, id: _Optional[int] = ..., load: _Optional[_Union[Load, _Mapping[str, object]]] = ..., accept_charter: _Optional[_Union[AcceptCharter, _Mapping[str, object]]] = ..., answer_peer: _Optional[_Union[AnswerPeer, _Mapping[str, object]]] = ..., hear_peer: _Optional[_Union[HearPeer, _Mapping[str, object]]] = ..., sign_admission: _Optional[_Union[SignAdmission, _Mapping[str, object]]] = ..., checkpoint: _Optional[_Union[Checkpoint, _Mapping[str, object]]] = ..., order: _Optional[_Union[Order, _Mapping[str, object]]] = ..., certificate: _Optional[_Union[Certificate, _Mapping[str, object]]] = ..., vote: _Optional[_Union[Vote, _Mapping[str, object]]] = ..., release: _Optional[_Union[Release, _Mapping[str, object]]] = ..., abandon: _Optional[_Union[Abandon, _Mapping[str, object]]] = ..., envelope: _Optional[_Union[Envelope, _Mapping[str, object]]] = ..., connected: _Optional[_Union[Connected, _Mapping[str, object]]] = ..., status: _Optional[_Union[Status, _Mapping[str, object]]] = ..., adopt_tally: _Optional[_Union[AdoptTally, _Mapping[str, object]]] = ..., freeze: _Optional[_Union[Freeze, _Mapping[str, object]]] = ...) -> None: ...

class FromKeeper(_message.Message):
    __slots__ = ("id", "persist", "events", "error", "loaded", "charter_accepted", "peer_state", "start_state", "admission", "checkpoint_note", "done", "voted", "status", "acknowledged")
    ID_FIELD_NUMBER: _ClassVar[int]
    PERSIST_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    LOADED_FIELD_NUMBER: _ClassVar[int]
    CHARTER_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    PEER_STATE_FIELD_NUMBER: _ClassVar[int]
    START_STATE_FIELD_NUMBER: _ClassVar[int]
    ADMISSION_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_NOTE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    VOTED_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    id: int
    persist: _containers.RepeatedCompositeFieldContainer[Blob]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    error: Error
    loaded: Loaded
    charter_accepted: CharterAccepted
    peer_state: Signed
    start_state: StartState
    admission: Signed
    checkpoint_note: CheckpointNote
    done: Done
    voted: Voted
    status: StatusReply
    acknowledged: Acknowledged
    def __init__(self, id: _Optional[int] = ..., persist: _Optional[_Iterable[_Union[Blob, _Mapping[str, object]]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping[str, object]]]] = ..., error: _Optional[_Union[Error, _Mapping[str, object]]] = ..., loaded: _Optional[_Union[Loaded, _Mapping[str, object]]] = ..., charter_accepted: _Optional[_Union[CharterAccepted, _Mapping[str, object]]] = ..., peer_state: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., start_state: _Optional[_Union[StartState, _Mapping[str, object]]] = ..., admission: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., checkpoint_note: _Optional[_Union[CheckpointNote, _Mapping[str, object]]] = ..., done: _Optional[_Union[Done, _Mapping[str, object]]] = ..., voted: _Optional[_Union[Voted, _Mapping[str, object]]] = ..., status: _Optional[_Union[StatusReply, _Mapping[str, object]]] = ..., acknowledged: _Optional[_Union[Acknowledged, _Mapping[str, object]]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "message", "whose", "hint", "culprits")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WHOSE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    CULPRITS_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    whose: str
    hint: str
    culprits: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., whose: _Optional[str] = ..., hint: _Optional[str] = ..., culprits: _Optional[_Iterable[str]] = ...) -> None: ...

class Done(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Blob(_message.Message):
    __slots__ = ("name", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    content: builtins.bytes
    def __init__(self, name: _Optional[str] = ..., content: _Optional[builtins.bytes] = ...) -> None: ...

class Signed(_message.Message):
    __slots__ = ("body", "signature")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    signature: builtins.bytes
    def __init__(self, body: _Optional[builtins.bytes] = ..., signature: _Optional[builtins.bytes] = ...) -> None: ...

class SshSignature(_message.Message):
    __slots__ = ("administrator", "armor")
    ADMINISTRATOR_FIELD_NUMBER: _ClassVar[int]
    ARMOR_FIELD_NUMBER: _ClassVar[int]
    administrator: str
    armor: str
    def __init__(self, administrator: _Optional[str] = ..., armor: _Optional[str] = ...) -> None: ...

class SignedDocument(_message.Message):
    __slots__ = ("body", "signatures")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    body: builtins.bytes
    signatures: _containers.RepeatedCompositeFieldContainer[SshSignature]
    def __init__(self, body: _Optional[builtins.bytes] = ..., signatures: _Optional[_Iterable[_Union[SshSignature, _Mapping[str, object]]]] = ...) -> None: ...

class Load(_message.Message):
    __slots__ = ("blobs", "charters", "certificates")
    BLOBS_FIELD_NUMBER: _ClassVar[int]
    CHARTERS_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    blobs: _containers.RepeatedCompositeFieldContainer[Blob]
    charters: _containers.RepeatedCompositeFieldContainer[SignedDocument]
    certificates: _containers.RepeatedCompositeFieldContainer[Certificate]
    def __init__(self, blobs: _Optional[_Iterable[_Union[Blob, _Mapping[str, object]]]] = ..., charters: _Optional[_Iterable[_Union[SignedDocument, _Mapping[str, object]]]] = ..., certificates: _Optional[_Iterable[_Union[Certificate, _Mapping[str, object]]]] = ...) -> None: ...

class Loaded(_message.Message):
    __slots__ = ("signer", "vote_key", "log_key", "envelope_key", "seal", "incarnation", "start_nonce", "start", "charter_version", "charter_hash", "tally_count", "tally_head", "log_size", "log_root", "hardening", "program_version", "freeze_count", "freeze_hash")
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    VOTE_KEY_FIELD_NUMBER: _ClassVar[int]
    LOG_KEY_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_KEY_FIELD_NUMBER: _ClassVar[int]
    SEAL_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    START_NONCE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    CHARTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHARTER_HASH_FIELD_NUMBER: _ClassVar[int]
    TALLY_COUNT_FIELD_NUMBER: _ClassVar[int]
    TALLY_HEAD_FIELD_NUMBER: _ClassVar[int]
    LOG_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOG_ROOT_FIELD_NUMBER: _ClassVar[int]
    HARDENING_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_VERSION_FIELD_NUMBER: _ClassVar[int]
    FREEZE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FREEZE_HASH_FIELD_NUMBER: _ClassVar[int]
    signer: str
    vote_key: builtins.bytes
    log_key: builtins.bytes
    envelope_key: builtins.bytes
    seal: str
    incarnation: int
    start_nonce: builtins.bytes
    start: StartState
    charter_version: int
    charter_hash: builtins.bytes
    tally_count: int
    tally_head: builtins.bytes
    log_size: int
    log_root: builtins.bytes
    hardening: _containers.RepeatedScalarFieldContainer[str]
    program_version: str
    freeze_count: int
    freeze_hash: builtins.bytes
    def __init__(self, signer: _Optional[str] = ..., vote_key: _Optional[builtins.bytes] = ..., log_key: _Optional[builtins.bytes] = ..., envelope_key: _Optional[builtins.bytes] = ..., seal: _Optional[str] = ..., incarnation: _Optional[int] = ..., start_nonce: _Optional[builtins.bytes] = ..., start: _Optional[_Union[StartState, _Mapping[str, object]]] = ..., charter_version: _Optional[int] = ..., charter_hash: _Optional[builtins.bytes] = ..., tally_count: _Optional[int] = ..., tally_head: _Optional[builtins.bytes] = ..., log_size: _Optional[int] = ..., log_root: _Optional[builtins.bytes] = ..., hardening: _Optional[_Iterable[str]] = ..., program_version: _Optional[str] = ..., freeze_count: _Optional[int] = ..., freeze_hash: _Optional[builtins.bytes] = ...) -> None: ...

class StartState(_message.Message):
    __slots__ = ("may_vote", "heard", "needed", "refusal", "readmitted")
    MAY_VOTE_FIELD_NUMBER: _ClassVar[int]
    HEARD_FIELD_NUMBER: _ClassVar[int]
    NEEDED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    READMITTED_FIELD_NUMBER: _ClassVar[int]
    may_vote: bool
    heard: _containers.RepeatedScalarFieldContainer[str]
    needed: int
    refusal: str
    readmitted: bool
    def __init__(self, may_vote: _Optional[bool] = ..., heard: _Optional[_Iterable[str]] = ..., needed: _Optional[int] = ..., refusal: _Optional[str] = ..., readmitted: _Optional[bool] = ...) -> None: ...

class AcceptCharter(_message.Message):
    __slots__ = ("charter", "operator_hash")
    CHARTER_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_HASH_FIELD_NUMBER: _ClassVar[int]
    charter: SignedDocument
    operator_hash: builtins.bytes
    def __init__(self, charter: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ..., operator_hash: _Optional[builtins.bytes] = ...) -> None: ...

class CharterAccepted(_message.Message):
    __slots__ = ("acknowledgement", "version", "hash")
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    acknowledgement: Signed
    version: int
    hash: builtins.bytes
    def __init__(self, acknowledgement: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., version: _Optional[int] = ..., hash: _Optional[builtins.bytes] = ...) -> None: ...

class Freeze(_message.Message):
    __slots__ = ("freeze",)
    FREEZE_FIELD_NUMBER: _ClassVar[int]
    freeze: SignedDocument
    def __init__(self, freeze: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ...) -> None: ...

class Acknowledged(_message.Message):
    __slots__ = ("acknowledgement", "freeze_count", "freeze_hash")
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    FREEZE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FREEZE_HASH_FIELD_NUMBER: _ClassVar[int]
    acknowledgement: Signed
    freeze_count: int
    freeze_hash: builtins.bytes
    def __init__(self, acknowledgement: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., freeze_count: _Optional[int] = ..., freeze_hash: _Optional[builtins.bytes] = ...) -> None: ...

class AnswerPeer(_message.Message):
    __slots__ = ("about", "nonce", "incarnation", "time_ms")
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    about: str
    nonce: builtins.bytes
    incarnation: int
    time_ms: int
    def __init__(self, about: _Optional[str] = ..., nonce: _Optional[builtins.bytes] = ..., incarnation: _Optional[int] = ..., time_ms: _Optional[int] = ...) -> None: ...

class HearPeer(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: Signed
    def __init__(self, state: _Optional[_Union[Signed, _Mapping[str, object]]] = ...) -> None: ...

class SignAdmission(_message.Message):
    __slots__ = ("intent_hash", "user", "token_nonce", "external_id", "time_ms")
    INTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_NONCE_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    intent_hash: builtins.bytes
    user: str
    token_nonce: str
    external_id: str
    time_ms: int
    def __init__(self, intent_hash: _Optional[builtins.bytes] = ..., user: _Optional[str] = ..., token_nonce: _Optional[str] = ..., external_id: _Optional[str] = ..., time_ms: _Optional[int] = ...) -> None: ...

class AdoptTally(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[Signed]
    def __init__(self, entries: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ...) -> None: ...

class Checkpoint(_message.Message):
    __slots__ = ("size", "root", "consistency")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    size: int
    root: builtins.bytes
    consistency: _containers.RepeatedScalarFieldContainer[builtins.bytes]
    def __init__(self, size: _Optional[int] = ..., root: _Optional[builtins.bytes] = ..., consistency: _Optional[_Iterable[builtins.bytes]] = ...) -> None: ...

class CheckpointNote(_message.Message):
    __slots__ = ("note",)
    NOTE_FIELD_NUMBER: _ClassVar[int]
    note: str
    def __init__(self, note: _Optional[str] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("order", "time_ms")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    order: SignedDocument
    time_ms: int
    def __init__(self, order: _Optional[_Union[SignedDocument, _Mapping[str, object]]] = ..., time_ms: _Optional[int] = ...) -> None: ...

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

class Item(_message.Message):
    __slots__ = ("scheme", "path", "message")
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    scheme: int
    path: _containers.RepeatedScalarFieldContainer[int]
    message: builtins.bytes
    def __init__(self, scheme: _Optional[int] = ..., path: _Optional[_Iterable[int]] = ..., message: _Optional[builtins.bytes] = ...) -> None: ...

class Head(_message.Message):
    __slots__ = ("signer", "count", "head")
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    signer: str
    count: int
    head: builtins.bytes
    def __init__(self, signer: _Optional[str] = ..., count: _Optional[int] = ..., head: _Optional[builtins.bytes] = ...) -> None: ...

class TallyFields(_message.Message):
    __slots__ = ("user", "operation", "source", "destination", "asset", "amount", "expires_at")
    USER_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    ASSET_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    user: str
    operation: str
    source: str
    destination: str
    asset: str
    amount: str
    expires_at: int
    def __init__(self, user: _Optional[str] = ..., operation: _Optional[str] = ..., source: _Optional[str] = ..., destination: _Optional[str] = ..., asset: _Optional[str] = ..., amount: _Optional[str] = ..., expires_at: _Optional[int] = ...) -> None: ...

class Vote(_message.Message):
    __slots__ = ("key", "intent_hash", "attempt_hash", "items", "members", "session", "time_ms", "reserve", "heads")
    KEY_FIELD_NUMBER: _ClassVar[int]
    INTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_HASH_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    RESERVE_FIELD_NUMBER: _ClassVar[int]
    HEADS_FIELD_NUMBER: _ClassVar[int]
    key: str
    intent_hash: builtins.bytes
    attempt_hash: builtins.bytes
    items: _containers.RepeatedCompositeFieldContainer[Item]
    members: _containers.RepeatedScalarFieldContainer[str]
    session: int
    time_ms: int
    reserve: TallyFields
    heads: _containers.RepeatedCompositeFieldContainer[Head]
    def __init__(self, key: _Optional[str] = ..., intent_hash: _Optional[builtins.bytes] = ..., attempt_hash: _Optional[builtins.bytes] = ..., items: _Optional[_Iterable[_Union[Item, _Mapping[str, object]]]] = ..., members: _Optional[_Iterable[str]] = ..., session: _Optional[int] = ..., time_ms: _Optional[int] = ..., reserve: _Optional[_Union[TallyFields, _Mapping[str, object]]] = ..., heads: _Optional[_Iterable[_Union[Head, _Mapping[str, object]]]] = ...) -> None: ...

class Voted(_message.Message):
    __slots__ = ("vote", "session_id", "tally_entry")
    VOTE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TALLY_ENTRY_FIELD_NUMBER: _ClassVar[int]
    vote: Signed
    session_id: builtins.bytes
    tally_entry: Signed
    def __init__(self, vote: _Optional[_Union[Signed, _Mapping[str, object]]] = ..., session_id: _Optional[builtins.bytes] = ..., tally_entry: _Optional[_Union[Signed, _Mapping[str, object]]] = ...) -> None: ...

class Release(_message.Message):
    __slots__ = ("session_id", "votes", "time_ms")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    VOTES_FIELD_NUMBER: _ClassVar[int]
    TIME_MS_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    votes: _containers.RepeatedCompositeFieldContainer[Signed]
    time_ms: int
    def __init__(self, session_id: _Optional[builtins.bytes] = ..., votes: _Optional[_Iterable[_Union[Signed, _Mapping[str, object]]]] = ..., time_ms: _Optional[int] = ...) -> None: ...

class Abandon(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    def __init__(self, session_id: _Optional[builtins.bytes] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ("to", "ciphertext")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    CIPHERTEXT_FIELD_NUMBER: _ClassVar[int]
    to: str
    ciphertext: builtins.bytes
    def __init__(self, to: _Optional[str] = ..., ciphertext: _Optional[builtins.bytes] = ..., **kwargs: object) -> None: ...

class Connected(_message.Message):
    __slots__ = ("peer",)
    PEER_FIELD_NUMBER: _ClassVar[int]
    peer: str
    def __init__(self, peer: _Optional[str] = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("start", "channels", "keys", "banned", "sessions", "incarnation", "rss_bytes")
    START_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    BANNED_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    INCARNATION_FIELD_NUMBER: _ClassVar[int]
    RSS_BYTES_FIELD_NUMBER: _ClassVar[int]
    start: StartState
    channels: _containers.RepeatedScalarFieldContainer[str]
    keys: _containers.RepeatedScalarFieldContainer[str]
    banned: _containers.RepeatedScalarFieldContainer[str]
    sessions: int
    incarnation: int
    rss_bytes: int
    def __init__(self, start: _Optional[_Union[StartState, _Mapping[str, object]]] = ..., channels: _Optional[_Iterable[str]] = ..., keys: _Optional[_Iterable[str]] = ..., banned: _Optional[_Iterable[str]] = ..., sessions: _Optional[int] = ..., incarnation: _Optional[int] = ..., rss_bytes: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("send", "signature", "session_dead", "certificate_part", "ceremony_dead", "ceremony_progress")
    SEND_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    SESSION_DEAD_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_PART_FIELD_NUMBER: _ClassVar[int]
    CEREMONY_DEAD_FIELD_NUMBER: _ClassVar[int]
    CEREMONY_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    send: Envelope
    signature: Signature
    session_dead: SessionDead
    certificate_part: CertificatePart
    ceremony_dead: CeremonyDead
    ceremony_progress: CeremonyProgress
    def __init__(self, send: _Optional[_Union[Envelope, _Mapping[str, object]]] = ..., signature: _Optional[_Union[Signature, _Mapping[str, object]]] = ..., session_dead: _Optional[_Union[SessionDead, _Mapping[str, object]]] = ..., certificate_part: _Optional[_Union[CertificatePart, _Mapping[str, object]]] = ..., ceremony_dead: _Optional[_Union[CeremonyDead, _Mapping[str, object]]] = ..., ceremony_progress: _Optional[_Union[CeremonyProgress, _Mapping[str, object]]] = ...) -> None: ...

class ItemSignature(_message.Message):
    __slots__ = ("signature", "recovery_id", "public_key")
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_ID_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    signature: builtins.bytes
    recovery_id: int
    public_key: builtins.bytes
    def __init__(self, signature: _Optional[builtins.bytes] = ..., recovery_id: _Optional[int] = ..., public_key: _Optional[builtins.bytes] = ...) -> None: ...

class Signature(_message.Message):
    __slots__ = ("session_id", "items")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    items: _containers.RepeatedCompositeFieldContainer[ItemSignature]
    def __init__(self, session_id: _Optional[builtins.bytes] = ..., items: _Optional[_Iterable[_Union[ItemSignature, _Mapping[str, object]]]] = ...) -> None: ...

class SessionDead(_message.Message):
    __slots__ = ("session_id", "reason")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    session_id: builtins.bytes
    reason: Error
    def __init__(self, session_id: _Optional[builtins.bytes] = ..., reason: _Optional[_Union[Error, _Mapping[str, object]]] = ...) -> None: ...

class CertificatePart(_message.Message):
    __slots__ = ("order_id", "certificate")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    order_id: builtins.bytes
    certificate: Signed
    def __init__(self, order_id: _Optional[builtins.bytes] = ..., certificate: _Optional[_Union[Signed, _Mapping[str, object]]] = ...) -> None: ...

class CeremonyDead(_message.Message):
    __slots__ = ("order_id", "reason")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    order_id: builtins.bytes
    reason: Error
    def __init__(self, order_id: _Optional[builtins.bytes] = ..., reason: _Optional[_Union[Error, _Mapping[str, object]]] = ...) -> None: ...

class CeremonyProgress(_message.Message):
    __slots__ = ("order_id", "step", "done", "of")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    order_id: builtins.bytes
    step: str
    done: int
    of: int
    def __init__(self, order_id: _Optional[builtins.bytes] = ..., step: _Optional[str] = ..., done: _Optional[int] = ..., of: _Optional[int] = ...) -> None: ...
