"""`quorate demo museum`: every recorded theft decoded and judged again, without a cluster."""

from pathlib import Path

from quorate.client.demo.museum.shown import Shown, checkout, incidents, policy, show
from quorate.client.demo.story import Story, expect


def play(folder: Path) -> None:
    """Tells all of them; `folder` is not used, because nothing is made.

    Raises Wrong at the first that is not refused as its file says; QuorateError not_a_checkout.
    """
    story, place = Story(), checkout()
    cases = incidents(place)
    story.title(
        f"Quorate: {len(cases)} recorded thefts, judged from their bytes by the policy of an exchange"
    )
    for case in cases:
        with story.step(f"{case['name']}, {case['date']}: {case['loss']}"):
            _tell(story, show(case, policy(place)))
    story.end()


def _tell(story: Story, shown: Shown) -> None:
    story.tell(f"the approvers saw: {shown.file['requested']['text']}")
    for item in shown.items:
        if item.decision is None:
            continue
        story.tell(*(f"a signer sees: {line}" for line in item.effects), item.stopped_by)
    expect(shown.refused, "it is not refused as its file says")
