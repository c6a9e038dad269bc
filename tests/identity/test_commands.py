"""What belongs to cluster A, given to cluster B by the commands of its people: each answer has a code, says
whose fault it is and what to do.
"""

from pathlib import Path

import pytest
from fireblocks.exceptions import UnauthorizedException

from quorate.client.demo.sdk import Requester
from quorate.client.dev import commands
from quorate.core.errors import QuorateError
from tests.identity.conftest import Two
from tests.small_cluster import EDDSA, SIGNERS


def refused(*arguments: str | Path) -> QuorateError:
    """The error of a command that must fail."""
    with pytest.raises(QuorateError) as error:
        commands.run(*arguments)
    assert error.value.hint, error.value
    return error.value


def test_a_signer_takes_no_charter_of_another_cluster(two: Two) -> None:
    for id in SIGNERS:
        before = two.b.status(id)["charter_hash"]
        error = refused("charter", "activate", two.a.charter, "--dir", two.b.signer(id))
        assert (error.code, two.b.status(id)["charter_hash"]) == ("charter_root", before)
        assert '"charter_root"' in two.b.log(id)


def test_a_server_takes_no_charter_of_another_cluster(two: Two) -> None:
    before = (two.b.server / "charter.json").read_bytes()
    error = refused("charter", "activate", two.a.charter, "--dir", two.b.server)
    assert (error.code, error.whose) == ("charter_fork", "caller")
    assert (two.b.server / "charter.json").read_bytes() == before


@pytest.mark.parametrize("command", [("order", "submit"), ("key", "create")])
def test_an_order_of_another_cluster_is_refused(two: Two, command: tuple[str, str]) -> None:
    about = ("--charter", two.a.charter) if command[0] == "key" else ()
    error = refused(*command, two.a.folder / f"{EDDSA}.order", "--server", two.b.url, *about)
    assert (error.code, error.whose) == ("order_charter", "caller")


def test_a_certificate_of_another_cluster_proves_nothing(two: Two) -> None:
    """The command verifies what the server tells against the charter of its own cluster."""
    assert (
        refused("key", "list", "--server", two.b.url, "--charter", two.a.charter).code
        == "certificate_charter"
    )


def test_a_requester_of_another_cluster_is_a_stranger(two: Two) -> None:
    key = str(two.a.folder / "requester.key")
    requester = Requester({"api_key": "payments", "secret_key_file": key, "base_path": f"{two.b.url}/v1"})
    with pytest.raises(UnauthorizedException):
        requester.sign_raw("MPC_EDDSA_ED25519", [1729, 1, 0], b"of another cluster")
