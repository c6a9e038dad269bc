"""Eight lines of Python for a running cluster: the official SDK, with the paths of this cluster's key
files.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from quorate.client.demo.stage import Stage
from quorate.client.demo.story import Story, expect


def text(api: dict[str, Any]) -> str:
    """The snippet for the `api` member of dev.json."""
    return "\n".join(
        (
            "from fireblocks.client import Fireblocks",
            "from fireblocks.client_configuration import ClientConfiguration",
            "from fireblocks.models.create_vault_account_request import CreateVaultAccountRequest",
            f'secret = open("{api["secret_key_file"]}").read()',
            f'configuration = ClientConfiguration(api_key="{api["api_key"]}", secret_key=secret, '
            f'base_path="{api["base_path"]}")',
            "vaults = Fireblocks(configuration).vaults",
            'account = vaults.create_vault_account(CreateVaultAccountRequest(name="mine")).result().data',
            'print(vaults.create_vault_account_asset(account.id, "ETH").result().data.address)',
        )
    )


def check(story: Story, stage: Stage) -> None:
    """Runs the snippet as it will be printed."""
    command = [sys.executable, "-c", text(stage.dev["api"])]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    last = (done.stderr.strip().splitlines() or [""])[-1]
    expect(done.returncode == 0 and done.stdout.startswith("0x"), f"the snippet failed: {last}")
    story.tell(f"its new account has the address {done.stdout.strip()}")


def show(story: Story, stage: Stage, *, running: bool = False) -> None:
    """The one command that leaves the cluster running, and the snippet that talks to it."""
    if not running:
        program = Path(sys.executable).parent / "quorate"
        place = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
        folder = "" if stage.folder == Path("demo").resolve() else f" --dir {stage.folder}"
        story.plain(f"\nThis command leaves the cluster running:\n\n{place} demo serve{folder}\n")
    story.plain(f"With it, the official SDK ({Path(sys.executable)}):\n\n{text(stage.dev['api'])}\n")
