"""docs/incidents.md, written from the incident files: `python -m quorate.client.demo.museum.page > FILE`."""

from collections.abc import Iterator

from quorate.client.demo.museum.shown import INCIDENTS, POLICY, Item, Shown, checkout, incidents, policy, show

_INTRODUCTION = f"""\
# Incidents

Thefts that custody and wallets have seen, and what Quorate's signers make of the same bytes. Generated from
[{INCIDENTS}](../{INCIDENTS}) by `python -m quorate.client.demo.museum.page`; a test
says when this page is not what they say. *What a signer sees* is what the decoders read from the bytes, and
*what stops it* is the answer of [{POLICY}](../{POLICY}), with the lists
and limits that the file gives. Amounts are in the smallest unit.

`quorate demo museum` judges them again in a few seconds. `tests/museum` binds them to a running cluster's own
accounts, coins and token accounts, and tries each by a requester and by a lying server: no signer votes.
There a signer knows no annotations (`stated_by context`): such a call is blind to it, and refused for that.
What a request has no words for (a hash type, a durable nonce, a call on TRON) is asked for as bytes or
digests to sign. How near to the real event a file is, it says itself, under *fidelity*.
"""


def text() -> str:
    """The page. Raises QuorateError not_a_checkout."""
    folder = checkout()
    shown = [show(case, policy(folder)) for case in incidents(folder)]
    rows = [f"| [{s.file['name']}](#{s.file['id']}) | {s.file['date']} | {_reasons(s)} |" for s in shown]
    table = ["| | date | refused for |", "|---|---|---|", *rows]
    return "\n".join([_INTRODUCTION, *table, "", *(line for one in shown for line in _section(one))])


def _section(shown: Shown) -> Iterator[str]:
    case = shown.file
    yield f'<a id="{case["id"]}"></a>\n\n## {case["name"]}\n'
    yield f"{case['date']}; {case['victim']}; {case['loss']}.\n"
    yield f"**What happened.** {case['what_happened']}\n"
    yield f"**What the approvers saw.** {case['requested']['text']}\n"
    for number, item in enumerate(shown.items, start=1):
        yield from _item(item, number if len(shown.items) > 1 else 0)
    fidelity = case["fidelity"]
    yield f"*Fidelity: {fidelity['level']}.* {fidelity['note']} Sources: {'; '.join(case['sources'])}.\n"


def _item(item: Item, number: int) -> Iterator[str]:
    which = f" {number}" if number else ""
    yield f"**What a signer sees{which}** ({item.format}{'; ' + item.role if item.role else ''})\n"
    yield from (f"- `{line}`" for line in item.effects)
    stopped = item.stopped_by
    yield f"\n**What stops it{which}.** {stopped[:1].upper()}{stopped[1:]}.\n" if stopped else ""


def _reasons(shown: Shown) -> str:
    refused = [i.decision.reason_class for i in shown.items if i.decision and i.decision.reason_class]
    return ", ".join(dict.fromkeys(refused))


if __name__ == "__main__":
    print(text(), end="")
