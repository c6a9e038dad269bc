"""The requester's side: the unmodified official `fireblocks` package, pointed at this cluster."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from fireblocks.client import Fireblocks
from fireblocks.client_configuration import ClientConfiguration
from fireblocks.models.create_vault_account_request import CreateVaultAccountRequest
from fireblocks.models.transaction_request import TransactionRequest
from fireblocks.models.transaction_response import TransactionResponse

from quorate.core.errors import QuorateError

Destination: TypeAlias = dict[str, Any]
FINAL: Final = ("COMPLETED", "BLOCKED", "REJECTED", "FAILED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended. `lines`: sub-status and system messages, the explanation for people."""

    status: str
    lines: tuple[str, ...]
    hash: str
    raw: tuple[tuple[str, str], ...]
    """RAW: (public key, signature) of each message, hexadecimal."""

    def __str__(self) -> str:
        return f"{self.status}: {'; '.join(self.lines) or 'no explanation'}"


class Requester:
    """One API user. `api` is the `api` member of dev.json."""

    def __init__(self, api: dict[str, str]) -> None:
        secret = Path(api["secret_key_file"]).read_text()
        configuration = ClientConfiguration(
            api_key=api["api_key"], secret_key=secret, base_path=api["base_path"]
        )
        self.sdk = Fireblocks(configuration)

    def account(self, name: str) -> str:
        """Creates a vault account; its id."""
        request = CreateVaultAccountRequest(name=name)
        return str(self.sdk.vaults.create_vault_account(request).result().data.id)

    def address(self, account: str, asset: str) -> tuple[str, bytes]:
        """Creates the wallet of an asset; its address, and the raw answer, which carries the `proof`."""
        answer = self.sdk.vaults.create_vault_account_asset(account, asset).result()
        return str(answer.data.address), answer.raw_data

    def transfer(
        self, source: str, asset: str, amount: str, destination: Destination, external_id: str
    ) -> Outcome:
        """Requests a transfer, in whole units, and follows it to its end."""
        return self.finish(self.submit(transfer_of(source, asset, amount, destination, external_id)))

    def sign_raw(self, algorithm: str, path: list[int], content: bytes) -> Outcome:
        """Requests a RAW signature on a bare derivation path and follows it to its end."""
        messages = [{"content": content.hex(), "derivationPath": path}]
        raw = {"rawMessageData": {"messages": messages, "algorithm": algorithm}}
        return self.finish(self.submit({"operation": "RAW", "extraParameters": raw}))

    def submit(self, request: dict[str, Any]) -> str:
        """The id of the new transaction; `request` has the members of the API's TransactionRequest.

        Raises fireblocks.exceptions.ApiException when the server answers with an error.
        """
        model = TransactionRequest.from_dict(request)
        return str(self.sdk.transactions.create_transaction(transaction_request=model).result().data.id)

    def finish(self, id: str, seconds: float = 30) -> Outcome:
        """Polls until the transaction is final.

        Raises QuorateError not_final.
        """
        until = time.monotonic() + seconds
        while True:
            transaction = self.sdk.transactions.get_transaction(id).result().data
            if transaction.status in FINAL:
                return _outcome(transaction)
            if time.monotonic() > until:
                message = f"transaction {id} is still {transaction.status} after {seconds:.0f} s"
                raise QuorateError("not_final", message, "state")
            time.sleep(0.05)


def _outcome(transaction: TransactionResponse) -> Outcome:
    messages = [str(message.message) for message in transaction.system_messages or []]
    signed = [
        (str(message.public_key), str(message.signature and message.signature.full_sig))
        for message in transaction.signed_messages or []
    ]
    lines = [str(transaction.sub_status)] if transaction.sub_status else []
    return Outcome(str(transaction.status), (*lines, *messages), str(transaction.tx_hash), tuple(signed))


def transfer_of(
    source: str, asset: str, amount: str, destination: Destination, external_id: str
) -> dict[str, Any]:
    """The request for a transfer. With an externalTxId the signers take it once, whatever the server says."""
    return {
        "operation": "TRANSFER",
        "assetId": asset,
        "amount": amount,
        "source": own_account(source),
        "destination": destination,
        "externalTxId": external_id,
    }


def whitelisted(id: str) -> Destination:
    """A destination of the charter's whitelist."""
    return {"type": "EXTERNAL_WALLET", "id": id}


def own_account(id: str) -> Destination:
    """A vault account."""
    return {"type": "VAULT_ACCOUNT", "id": id}


def one_time(address: str) -> Destination:
    """An address that stands nowhere but in the request."""
    return {"type": "ONE_TIME_ADDRESS", "oneTimeAddress": {"address": address}}
