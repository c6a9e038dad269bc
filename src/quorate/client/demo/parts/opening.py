"""A cluster starts; an account gets an address that needs no trust in the server."""

import json
from typing import Any

from quorate.client.ceremony import files
from quorate.client.demo.stage import TOKEN
from quorate.client.demo.story import expect
from quorate.client.demo.telling import Telling
from quorate.client.demo.words import ether
from quorate.client.dev import commands


def tell(it: Telling) -> None:
    _a_cluster(it)
    _an_address(it)


def _a_cluster(it: Telling) -> None:
    story, stage = it.story, it.stage
    story.chapter("A cluster")
    with story.step("a local Ethereum chain; a token is deployed on it, so that the charter can name it"):
        stage.deploy_token()
        story.tell(f"anvil at {stage.chain.url}", f"{TOKEN} at {stage.token}")
    with story.step("keys, charter, server, three signers; the signers generate two keys among themselves"):
        stage.start_cluster()
        it.begin()
        charter = commands.verdict("charter", "verify", it.charter)
        expect(charter["outcome"] == "valid", "the charter does not verify")
        story.tell(
            f"charter version 1, {charter['versions'][0]['hash'][:16]}..., signed by all 3 administrators"
        )
        for signer in stage.dev["signers"]:
            story.tell(f"{signer['id']}: judge is process {signer['pid']}, keeper {signer['keeper_pid']}")
        for key in _keys(it):
            shared = f"{key['threshold']} of {len(key['signers'])}"
            story.tell(
                f"{key['key']}: {shared}, public key {key['public_key'][:16]}..., certified by every signer"
            )


def _keys(it: Telling) -> list[dict[str, Any]]:
    """The keys, their certificates verified by `quorate key list`."""
    listed = commands.run("key", "list", "--server", it.url, "--charter", it.charter)
    keys = [proof["certificate"] for proof in listed["keys"]]
    expect(sorted(key["curve"] for key in keys) == ["ed25519", "secp256k1"], "the two keys are not there")
    return keys


def _an_address(it: Telling) -> None:
    story, chain = it.story, it.stage.chain
    story.chapter("A deposit address that needs no trust in the server")
    with story.step("the official Fireblocks SDK creates a vault account and gets its address"):
        it.account = it.requester.account("treasury")
        it.address, raw = it.requester.address(it.account, "ETH")
        proof = json.loads(raw).get("proof")
        expect(proof is not None, "the answer carries no proof")
        files.write_json(it.proof, proof)
        it.requester.address(it.account, TOKEN)
        story.tell(f"account {it.account}: {it.address}")
    with story.step("`quorate address verify` proves it offline, from the charter alone"):
        answer = it.verify_address(it.address)
        expect(answer["outcome"] == "valid", f"the address does not verify: {answer.get('error')}")
        story.tell("derived from the key certificate that all three signers signed")
    with story.step("somebody funds the account"):
        chain.fund(it.address, 100)
        chain.send_token(it.stage.token, it.address, 50_000 * 10**6)
        story.tell(f"it holds {ether(chain.balance(it.address))} and 50000 {TOKEN}")
