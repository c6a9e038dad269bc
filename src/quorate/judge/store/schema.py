"""Tables of the signer's database. A migration is never edited once released; a change appends a new one."""

import sqlite3
from typing import Final

from quorate.core.errors import QuorateError

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE blobs (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;

    CREATE TABLE charters (
        version INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, document BLOB NOT NULL,
        acknowledgement BLOB NOT NULL, signature BLOB NOT NULL);
    CREATE TABLE certificates (key TEXT PRIMARY KEY, certificate BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE certificate_parts (
        order_id TEXT PRIMARY KEY, body BLOB NOT NULL, signature BLOB NOT NULL) WITHOUT ROWID;

    CREATE TABLE admissions (
        intent_hash BLOB PRIMARY KEY, intent BLOB NOT NULL, user TEXT NOT NULL, token_nonce TEXT NOT NULL,
        external_id TEXT, time_ms INTEGER NOT NULL, body BLOB, signature BLOB) WITHOUT ROWID;
    CREATE UNIQUE INDEX admissions_nonce ON admissions (user, token_nonce);
    CREATE UNIQUE INDEX admissions_external ON admissions (user, external_id) WHERE external_id IS NOT NULL;

    CREATE TABLE attempts (
        intent_hash BLOB PRIMARY KEY, attempt_hash BLOB NOT NULL, format TEXT NOT NULL, bytes BLOB NOT NULL,
        first_vote_ms INTEGER NOT NULL, dead INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE TABLE nonces (
        chain TEXT NOT NULL, sender TEXT NOT NULL, nonce INTEGER NOT NULL, intent_hash BLOB NOT NULL,
        released INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (chain, sender, nonce)) WITHOUT ROWID;
    CREATE INDEX nonces_intent ON nonces (intent_hash);
    CREATE TABLE sessions (
        session_id BLOB PRIMARY KEY, intent_hash BLOB NOT NULL, attempt_hash BLOB NOT NULL,
        number INTEGER NOT NULL, members TEXT NOT NULL, vote BLOB NOT NULL, time_ms INTEGER NOT NULL,
        state TEXT NOT NULL, UNIQUE (intent_hash, number)) WITHOUT ROWID;
    CREATE TABLE results (
        intent_hash BLOB PRIMARY KEY, attempt_hash BLOB NOT NULL, session_id BLOB NOT NULL,
        result BLOB NOT NULL, time_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE commitments (r BLOB PRIMARY KEY, session_id BLOB NOT NULL) WITHOUT ROWID;

    CREATE TABLE reservations (
        intent_hash BLOB PRIMARY KEY, user TEXT NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL,
        asset TEXT NOT NULL, amount TEXT NOT NULL, time_ms INTEGER NOT NULL,
        voted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE INDEX reservations_window ON reservations (asset, time_ms);
    CREATE TABLE tally (
        signer TEXT NOT NULL, count INTEGER NOT NULL, head BLOB NOT NULL, intent_hash BLOB NOT NULL,
        user TEXT NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL, asset TEXT NOT NULL,
        amount TEXT NOT NULL, time_ms INTEGER NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL,
        PRIMARY KEY (signer, count)) WITHOUT ROWID;
    CREATE INDEX tally_intent ON tally (intent_hash, signer);
    CREATE INDEX tally_window ON tally (asset, time_ms);

    CREATE TABLE leaves (idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, data BLOB NOT NULL);
    CREATE TABLE subtrees (
        level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (level, idx)) WITHOUT ROWID;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE destinations (address TEXT PRIMARY KEY, first_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX reservations_destination ON reservations (destination);
    CREATE INDEX tally_destination ON tally (destination);
    """,
    """
    CREATE TABLE freezes (
        id TEXT PRIMARY KEY, document BLOB, lifted INTEGER NOT NULL, time_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE proposals (
        hash BLOB PRIMARY KEY, version INTEGER NOT NULL, previous BLOB NOT NULL, document BLOB NOT NULL,
        first_seen_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE vetoes (
        charter BLOB PRIMARY KEY, administrator TEXT NOT NULL, document BLOB NOT NULL,
        time_ms INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE statements (
        intent_hash BLOB NOT NULL, approver TEXT NOT NULL, round INTEGER NOT NULL, verdict TEXT NOT NULL,
        body BLOB NOT NULL, armor TEXT NOT NULL, time_ms INTEGER NOT NULL,
        PRIMARY KEY (intent_hash, approver, round, verdict)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE own_addresses (
        chain TEXT NOT NULL, address TEXT NOT NULL, account TEXT NOT NULL,
        PRIMARY KEY (chain, address)) WITHOUT ROWID;
    CREATE INDEX own_addresses_like ON own_addresses (chain, lower(address));
    CREATE INDEX reservations_like ON reservations (lower(destination));
    CREATE INDEX tally_like ON tally (lower(destination));
    """,
    """
    CREATE TABLE versions (
        intent_hash BLOB NOT NULL, attempt_hash BLOB NOT NULL, format TEXT NOT NULL, bytes BLOB NOT NULL,
        time_ms INTEGER NOT NULL, dead INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (intent_hash, attempt_hash)) WITHOUT ROWID;
    INSERT INTO versions (intent_hash, attempt_hash, format, bytes, time_ms, dead)
        SELECT intent_hash, attempt_hash, format, bytes, first_vote_ms, dead FROM attempts;
    DROP TABLE attempts;
    ALTER TABLE versions RENAME TO attempts;
    CREATE TABLE all_results (
        intent_hash BLOB NOT NULL, attempt_hash BLOB NOT NULL, session_id BLOB NOT NULL,
        result BLOB NOT NULL, time_ms INTEGER NOT NULL,
        PRIMARY KEY (intent_hash, attempt_hash)) WITHOUT ROWID;
    INSERT INTO all_results SELECT intent_hash, attempt_hash, session_id, result, time_ms FROM results;
    DROP TABLE results;
    ALTER TABLE all_results RENAME TO results;
    CREATE INDEX sessions_attempt ON sessions (attempt_hash);
    """,
    """
    CREATE TABLE documents (
        hash BLOB PRIMARY KEY, content BLOB NOT NULL, time_ms INTEGER NOT NULL) WITHOUT ROWID;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the file to the newest schema, each step in one transaction. Raises store_newer for a file of a
    later release.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise QuorateError(
            "store_newer",
            f"the database has schema {version}, this program knows {len(MIGRATIONS)}",
            "storage",
            "run the release that wrote it, or a newer one",
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
