"""The entry point: gathers the commands and turns every error into one line and an exit code."""

import os
import sys
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from quorate.client.cli.output import Exit, Verdict, begin, fail
from quorate.core.errors import QuorateError

# Command path -> one line of help. The module of a command is its path joined by underscores; it is imported
# when it is wanted, because the imports of all of them take longer than most commands.
COMMANDS: Final[dict[str, str]] = {
    "server init": "Make the folder of a server.",
    "server run": "Run a server.",
    "signer init": "Make a signer's keys and print what the charter needs of it.",
    "signer run": "Run a signer: its keeper, then its judge.",
    "charter new": "Make a charter version from a draft.",
    "charter show": "Print a charter for people.",
    "charter propose": "Make the next version of a charter, and say what it changes and loosens.",
    "charter sign": "Sign the newest version of a charter with an administrator's SSH key.",
    "charter activate": "Give a charter to a signer or a server, or through the server to all.",
    "charter annotate": "Give the signers the documents that a charter pins for contracts.",
    "charter veto": "Cancel a charter version that is not in force, as one administrator.",
    "charter verify": "Verify a chain of charter versions.",
    "order sign": "Make an order, or add a signature to one.",
    "order submit": "Send an order to the signers through the server.",
    "freeze": "Stop signing at once, as one administrator.",
    "unfreeze": "Lift freezes, by order.",
    "key create": "Have the signers create a key, by order.",
    "key list": "List the keys of a cluster with their certificates.",
    "approve": "Approve or reject one request, after looking at it with your own tool.",
    "approver run": "Run a machine approver: by its own rules, or by asking your HTTP handler.",
    "address verify": "Prove a deposit address without the server.",
    "audit verify": "Verify a signer's audit log offline.",
    "policy check": "Say whether a policy is valid.",
    "policy explain": "What a policy decides about one request, and why.",
    "policy simulate": "What a draft would decide otherwise about recorded requests.",
    "policy diff": "Say in words what changes between two policies, and whether it loosens.",
    "tx decode": "Decode transaction bytes into effects and digests.",
    "status": "A cluster at a glance.",
    "dev": "Run a whole cluster on this machine, for trying out and for tests.",
    "demo": "A one-minute story on one machine, every step checked.",
}
GROUPS: Final[dict[str, str]] = {
    "server": "The server: API, coordination, chain access. Holds no authority.",
    "signer": "A signer: holds one share of each key and decides for itself.",
    "charter": "The signed document that alone says who may do what.",
    "order": "Administrators' signatures over one ceremony.",
    "key": "Keys of the cluster.",
    "approver": "Machine approvers.",
    "address": "Deposit addresses.",
    "audit": "Audit logs.",
    "policy": "Policies.",
    "tx": "Transaction bytes.",
}


class LazyGroup(TyperGroup):
    """A group whose commands are modules, imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        prefix = _prefix(self)
        return list(
            dict.fromkeys(path[len(prefix) :].split(" ")[0] for path in COMMANDS if path.startswith(prefix))
        )

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        path = _prefix(self) + cmd_name
        if path in GROUPS:
            return LazyGroup(name=path, help=GROUPS[path])
        return _load(path) if path in COMMANDS else None


def _prefix(group: TyperGroup) -> str:
    return f"{group.name} " if group.name in GROUPS else ""


def _load(path: str) -> TyperCommand | TyperGroup:
    """The command of `path`: its module holds either one function `command` or an `app` of its own."""
    module = import_module("quorate.client.cli." + path.replace(" ", "_"))
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(help=module.__doc__)(module.command)
    command = typer.main.get_command(app)
    assert isinstance(command, TyperCommand | TyperGroup)  # noqa: S101 - what typer makes
    command.name = path.split(" ")[-1]
    command.short_help = COMMANDS[path]
    return command


_root: Final = LazyGroup(
    name="quorate",
    help="Quorate keeps online hot assets safe: threshold signing by signers that decide for themselves.",
)


def run() -> None:
    """Runs the command line and exits with one of the four codes."""
    sys.exit(execute(sys.argv[1:] or ["--help"]))


def execute(arguments: list[str]) -> int:
    """Runs one command and returns its exit code."""
    begin()
    try:
        result = _root.main(arguments, prog_name="quorate", standalone_mode=False)
        return result if isinstance(result, int) else Exit.DONE
    except Verdict:
        return Exit.REFUSED
    except QuorateError as error:
        return fail(error)
    except TyperException as error:
        return fail(QuorateError("usage", error.format_message(), "caller", "see --help"))
    except (typer.Abort, KeyboardInterrupt):
        return fail(QuorateError("interrupted", "stopped by the user", "caller"))
    except OSError as error:
        return fail(QuorateError("file", str(error), "caller"))
    except Exception as error:
        if "QUORATE_TRACEBACK" in os.environ:
            raise
        message, hint = f"{type(error).__name__}: {error}", "please report; QUORATE_TRACEBACK=1 shows where"
        return fail(QuorateError("internal", message, "bug", hint))


if __name__ == "__main__":
    run()
