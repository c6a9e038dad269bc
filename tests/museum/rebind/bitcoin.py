"""Bitcoin: the cluster's account in the wallet's place. Its coins are P2WPKH and were mined; payees and
thieves keep their scripts, and change keeps its branch and index.
"""

from typing import Final

import pbk

from quorate.core.chains.bitcoin import account, address
from quorate.core.chains.bitcoin.decode import decode_psbt
from quorate.core.chains.bitcoin.hashes import hash160
from quorate.core.chains.bitcoin.holding import Holding
from quorate.core.chains.effects import Effect
from tests.bitcoin_bytes import NETWORK, PREVIOUS, WITNESS_UTXO, Payer, Psbt, claimed
from tests.core.chains.bitcoin.support import item_bytes
from tests.museum import cases
from tests.museum.cases import Json, Theft
from tests.museum.rebind.asking import SOURCE, Book, Request, raw, transfer, whole
from tests.server.chains.kernel import COIN, Kernel, Tx

CHAIN: Final = f"bitcoin:{NETWORK}"
ASSETS: Final = [{"id": "BTC", "chain": CHAIN, "decimals": "8"}]
SMALLER: Final = {"dmm-2024-altered-destination": 1_000}
"""What amounts are divided by: no chain of tests has 4,502 BTC."""
_OWN_INPUT, _OWN_OUTPUT = b"\x06", b"\x02"
"""First bytes of the keys that claim an input and an output as one's own (BIP174)."""


def local(text: str) -> str:
    """The same script's address on the network of the tests."""
    return address.from_script(address.to_script(text, "mainnet"), NETWORK) or ""


BOOK: Final = Book(CHAIN, sorted(map(local, cases.named("bitcoin", "whitelist"))))


class Bitcoin:
    def __init__(self, payer: Payer, kernel: Kernel) -> None:
        self._payer, self._kernel = payer, kernel
        self._coins: dict[int, Tx] = {}
        self.address = address.from_script(payer.holding().script, NETWORK) or ""

    def request(self, theft: Theft) -> Request:
        """A payment to somebody unknown; or else the digests, which is all that a request can say of it."""
        for effect in theft.item["expected"]["effects"]:
            if effect["type"] == "native_transfer" and local(effect["to"]) not in BOOK.addresses:
                return self._pay(effect, theft.case)
        messages = ({"content": digest["value"].removeprefix("0x")} for digest in theft.item["digests"])
        return raw("MPC_ECDSA_SECP256K1", *messages, assetId="BTC", source=SOURCE)

    def twin(self, case: Json, item: Json) -> Request:
        return self._pay(case["requested"]["effects"][0], case)

    def honest(self, theft: Theft) -> dict[str, Request]:
        """What the approvers saw, and something else."""
        other = transfer("BTC", "0.01", BOOK.destination(BOOK.addresses[-1]))
        return {"seen": self.twin(theft.case, theft.item), "other": other}

    def lie(self, theft: Theft) -> dict[str, str]:
        """The PSBT with fresh coins of the account, of the amounts that the inputs truly have."""
        psbt, divisor = Psbt.of(item_bytes(dict(theft.item))), SMALLER.get(theft.case["id"], 1)
        for place, true in enumerate(_true_amounts(psbt, theft.item)):
            self._input(psbt, place, true, divisor)
        for place, (amount, _) in enumerate(psbt.outputs):
            psbt.pay(place, amount=amount // divisor)
            self._output(psbt, place)
        return {"raw": psbt.encode().hex()}

    def effects(self, data: bytes) -> tuple[Effect, ...]:
        """What bytes do, as the account sees it."""
        root = self._payer.certificate
        wallet = account.wallet(root.public_key, root.chain_code, NETWORK, self._payer.account)
        return decode_psbt(data, wallet, NETWORK).effects

    def _pay(self, effect: Json, case: Json) -> Request:
        amount = int(effect["amount"]) // SMALLER.get(case["id"], 1)
        return transfer("BTC", whole(amount, 8), BOOK.destination(local(effect["to"])))

    def _input(self, psbt: Psbt, place: int, true: int, divisor: int) -> None:
        own, given, previous = self._payer.holding(), psbt.input_maps[place], self._coin(true // divisor)
        claims = _claimed_amount(given) // divisor
        psbt.inputs[place] = bytes.fromhex(previous.txid)[::-1] + bytes(4) + psbt.inputs[place][36:]
        rebound = {key: value for key, value in given.items() if key[:1] != _OWN_INPUT}
        rebound[WITNESS_UTXO] = claims.to_bytes(8, "little") + bytes([len(own.script)]) + own.script
        if PREVIOUS in given:
            rebound[PREVIOUS] = previous.raw
        ((_, origin),) = claimed(own).items()
        psbt.input_maps[place] = {**rebound, _OWN_INPUT + own.keys[0].public_key: origin}

    def _coin(self, satoshis: int) -> Tx:
        """What made the account's coin of an amount: the files too use one coin for several thefts."""
        if satoshis not in self._coins:
            self._coins[satoshis] = self._kernel.mined[self._kernel.pay((self.address, satoshis))]
        return self._coins[satoshis]

    def _output(self, psbt: Psbt, place: int) -> None:
        """What is claimed as change: the claim is of the own key, and the script too where it was true."""
        for key, origin in list(psbt.output_maps[place].items()):
            if key[:1] == _OWN_OUTPUT:
                own = self._change(origin)
                if psbt.outputs[place][1] == b"\x00\x14" + hash160(key[1:]):
                    psbt.pay(place, script=own.script)
                psbt.output_maps[place] = claimed(own)

    def _change(self, origin: bytes) -> Holding:
        """The branch and index at the end of a path (BIP174: fingerprint, then four bytes a step)."""
        branch, index = int.from_bytes(origin[-8:-4], "little"), int.from_bytes(origin[-4:], "little")
        return self._payer.holding(index, branch)


def _true_amounts(psbt: Psbt, item: Json) -> list[int]:
    """What the item says, or its previous transactions; or else what the inputs claim."""
    if "true_input_amounts" in item:
        return [int(amount) for amount in item["true_input_amounts"]]
    return [_true_amount(*each) for each in zip(psbt.inputs, psbt.input_maps, strict=True)]


def _true_amount(outpoint: bytes, given: dict[bytes, bytes]) -> int:
    if PREVIOUS not in given:
        return _claimed_amount(given)
    outputs = pbk.Transaction(given[PREVIOUS]).outputs
    return int(outputs[int.from_bytes(outpoint[32:36], "little")].amount)


def _claimed_amount(given: dict[bytes, bytes]) -> int:
    return int.from_bytes(given[WITNESS_UTXO][:8], "little")


def fund(kernel: Kernel, to: str) -> None:
    """Enough for what is asked for at once."""
    for _ in range(4):
        kernel.pay((to, 40 * COIN))
    kernel.pay(*((to, 2 * COIN) for _ in range(12)))
