"""The story of `quorate demo approvals`: people and a program approve single requests."""

from pathlib import Path

from quorate.client.demo.parts import approvals, opening
from quorate.client.demo.stage import Stage
from quorate.client.demo.story import Story
from quorate.client.demo.telling import Telling


def play(folder: Path) -> None:
    """Tells the story on a fresh stage.

    Raises Wrong at the first step that does not come out as told.
    """
    story = Story()
    story.title("Quorate: two of three approvers, each signer counts for itself")
    with Stage(folder, fresh=True, policy=approvals.POLICY) as stage:
        telling = Telling(stage, story)
        for part in (opening, approvals):
            part.tell(telling)
        story.end()
