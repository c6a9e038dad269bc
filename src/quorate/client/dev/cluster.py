"""The life of a dev cluster, step by step, each step a production command."""

import signal
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from quorate.client.ceremony import documents, files, http, judge, processes
from quorate.client.cli.output import note
from quorate.client.dev import commands, daemons, nodes, people, ports, signers
from quorate.client.dev.nodes import Node
from quorate.client.dev.options import ADMINISTRATORS, KEYS, QUORUM, Layout, Options
from quorate.core.errors import QuorateError
from quorate.core.model.charter import Charter


class Cluster:
    """`prepare`, `start`, and in the end `stop`."""

    def __init__(self, options: Options, tell: Callable[[str], None] = note) -> None:
        self.options = options
        self.layout = Layout(options.folder.resolve())
        self._tell = tell

    # ---- set-up

    def prepare(self) -> None:
        """Makes the folder at the first start; brings its addresses up to date later.

        Raises QuorateError half_made for a folder whose first start was interrupted.
        """
        layout = self.layout
        if layout.charter.exists():
            self._configure_server(nodes.of_charter(self.options.urls, self.charter()))
            return
        if layout.folder.exists() and any(layout.folder.iterdir()):
            hint = "remove it, or choose another --dir"
            raise QuorateError(
                "half_made", f"{layout.folder} is not empty and holds no finished cluster", "caller", hint
            )
        files.make_folder(layout.folder)
        found = nodes.find(self.options.urls)
        self._tell("making keys and identities of the server and the signers")
        people.make_keys(layout)
        self._make_identities()
        self._configure_server(found)
        self._write_draft(found)
        self._tell("making and signing charter version 1")
        self._make_charter()

    def _make_identities(self) -> None:
        server = self.layout.server
        link = f"127.0.0.1:{ports.free()}"
        with ThreadPoolExecutor() as pool:
            made = [
                pool.submit(
                    commands.run, "server", "init", "--dir", server, "--http", "127.0.0.1:0", "--link", link
                )
            ]
            for id in self._new_ids():
                arguments = (
                    "--dir",
                    self.layout.signer(id),
                    "--id",
                    id,
                    "--server",
                    link,
                    "--seal",
                    "key-file",
                )
                made.append(pool.submit(commands.run, "signer", "init", *arguments))
        for result in made:
            result.result()

    def _new_ids(self) -> list[str]:
        return [f"signer-{number}" for number in range(1, self.options.signers + 1)]

    def _configure_server(self, found: Sequence[Node]) -> None:
        """Ports that are free now, and the nodes that were given now."""
        path = self.layout.server / "server.json"
        configuration = files.read_json(path)
        configuration["http"]["port"] = self.options.port or ports.this_or_free(configuration["http"]["port"])
        configuration["link"]["port"] = ports.this_or_free(configuration["link"]["port"])
        for node in found:
            configuration["chains"][node.chain] = [node.url]
            if node.genesis is not None:
                configuration.setdefault("genesis", {})[node.chain] = node.genesis
        files.write_json(path, configuration, mode=0o600)

    def _write_draft(self, found: Sequence[Node]) -> None:
        folder = self.layout.folder
        users = {name: str(uuid.uuid4()) for name in (people.REQUESTER, people.VIEWER)}
        chains = [node.chain for node in found]
        policy = people.policy(self.options, users[people.REQUESTER], chains)
        files.write(folder / "policy.yaml", policy.encode())
        files.write(folder / "draft.yaml", people.draft(self.options, chains, users).encode())

    def _make_charter(self) -> None:
        """charter.json appears only when it is complete: it marks the folder as made."""
        layout = self.layout
        unfinished = layout.folder / "charter.unsigned.json"
        enrolments = [
            option for id in self._new_ids() for option in ("--signer", layout.signer(id) / "enrolment.json")
        ]
        draft = ("--draft", layout.folder / "draft.yaml", "--server", layout.server / "enrolment.json")
        commands.run("charter", "new", *draft, *enrolments, "--out", unfinished)
        for id in ADMINISTRATORS:
            commands.run("charter", "sign", unfinished, "--key", layout.administrator(id))
        commands.run("charter", "activate", unfinished, "--dir", layout.server)
        unfinished.rename(layout.charter)
        files.sync_folder(layout.folder)

    # ---- running

    def charter(self) -> Charter:
        """The charter of the folder, verified."""
        return documents.read_verified(self.layout.charter)[-1]

    def start(self) -> None:
        """Starts the server, then the signers; creates the keys that do not exist yet."""
        self._tell("starting the server and the signers")
        daemons.start_server(self.layout)
        ids = [signer.id for signer in self.charter().signers]
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._start_signer, ids))
        for id in ids:
            signers.wait_until_it_votes(self.layout, id)
        self._create_keys()

    def _start_signer(self, id: str) -> None:
        signers.start(self.layout, id, self.link())
        if judge.ask(self.layout.signer(id), {"do": "status"})["charter_version"] == 0:
            root = documents.read_verified(self.layout.charter)[0].hash.hex()
            commands.run(
                "charter", "activate", self.layout.charter, "--dir", self.layout.signer(id), "--hash", root
            )

    def _create_keys(self) -> None:
        layout = self.layout
        existing = {
            proof["certificate"]["key"] for proof in http.call(self.url(), "/quorate/v1/keys")["keys"]
        }
        for key in (key for key in KEYS if key not in existing):
            self._tell(f"creating {key} among the signers")
            order = layout.folder / "orders" / f"{key}.json"
            files.make_folder(order.parent)
            order.unlink(missing_ok=True)
            for number, id in enumerate(ADMINISTRATORS[:QUORUM]):
                new = ("--key-create", key) if number == 0 else ()
                commands.run(
                    "order",
                    "sign",
                    order,
                    "--charter",
                    layout.charter,
                    "--key",
                    layout.administrator(id),
                    *new,
                )
            out = ("--out", layout.folder / "keys" / f"{key}.json")
            files.make_folder(layout.folder / "keys")
            commands.run("key", "create", order, "--server", self.url(), "--charter", layout.charter, *out)

    def stop(self) -> None:
        """Ends everything that runs, signers started later by hand included."""
        running: dict[str, processes.Process] = processes.recorded(self.layout.server / "run.json")
        for signer in self.layout.folder.glob("*/signer.json"):
            for role, process in signers.recorded(signer.parent).items():
                running[f"{signer.parent.name}-{role}"] = process
        processes.end(
            {name: process for name, process in running.items() if process.alive()}, signal.SIGTERM, 10
        )
        self.layout.dev_json.unlink(missing_ok=True)
        commands.reap()

    # ---- addresses

    def ready(self) -> dict[str, Any]:
        """Where the server listens: {"pid", "http", "link"}."""
        return files.read_json(self.layout.server / "server.ready")

    def url(self) -> str:
        return f"http://{self.ready()['http']}"

    def link(self) -> str:
        return str(self.ready()["link"])
