"""`python -m quorate.judge.init --dir DIR`: takes over a new keeper's sealed blobs from the document it
printed, on stdin.

Run once by `quorate signer init`. The blobs are ciphertext to everybody but the keeper; nothing else of the
document is kept.
"""

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import Final

from quorate.core.errors import QuorateError
from quorate.judge.config import read_config
from quorate.judge.store.store import open_store

NAMES: Final = frozenset({"seal", "identity", "state"})


def main() -> int:
    parser = argparse.ArgumentParser(prog="quorate.judge.init", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, dest="directory")
    arguments = parser.parse_args()
    try:
        adopt(arguments.directory, sys.stdin.read())
    except QuorateError as error:
        document = {"code": error.code, "message": error.message, "whose": error.whose, "hint": error.hint}
        print(json.dumps({"error": document}))
        return 2
    return 0


def adopt(directory: Path, document: str) -> None:
    """Creates the database with the blobs in it. Raises QuorateError: config, keeper_document,
    already_initialised, store_unusable.
    """
    config = read_config(directory, None)
    blobs = _blobs(document, config.id)
    store = open_store(config.database, config.id, _raise)
    try:
        if store.blobs.all():
            raise QuorateError("already_initialised", f"{config.database} already holds a keeper's blobs")
        with store.db.unit():
            store.blobs.put(blobs.items())
    finally:
        store.db.close()


def _blobs(document: str, signer: str) -> dict[str, bytes]:
    try:
        content = json.loads(document)
        blobs = {name: base64.b64decode(text, validate=True) for name, text in content["blobs"].items()}
        of = content["signer"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(f"it is not what `quorate-keeper init` prints: {error}") from None
    if of != signer:
        raise _bad(f"it is of signer {of}, this directory is of {signer}")
    if blobs.keys() != NAMES or not all(blobs.values()):
        raise _bad(f"it must hold the blobs {', '.join(sorted(NAMES))}")
    return blobs


def _bad(message: str) -> QuorateError:
    return QuorateError("keeper_document", f"the keeper's document on stdin: {message}")


def _raise(failure: QuorateError) -> None:
    raise failure


if __name__ == "__main__":
    sys.exit(main())
