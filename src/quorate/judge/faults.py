"""The judge's crash points: one between each pair of durable steps. The crash tests kill the process at every
one of them.
"""

from typing import Final

POINTS: Final[tuple[str, ...]] = (
    "judge.start.loaded",  # the keeper counted the start and its blob is not yet durable
    "judge.start.recorded",
    "judge.store.before_commit",  # any group of any of the steps below
    "judge.store.after_commit",
    "judge.keeper.before_durable",  # a reply of the keeper is staged, nothing of it is on disk or let out
    "judge.keeper.after_durable",
    "judge.admit.before_commit",
    "judge.admit.after_commit",
    "judge.open.reserved",  # tally, nonce and bytes are reserved, the keeper has not voted
    "judge.open.before_commit",  # the keeper voted, vote and tally entry are staged
    "judge.open.after_commit",  # the vote is durable and not let out
    "judge.release.before_commit",
    "judge.release.marked",  # the keeper is asked to go on; nothing leaves before the mark is durable
    "judge.release.keeper_done",
    "judge.result.before_commit",
    "judge.result.after_commit",  # the result is durable, the server does not know yet
    "judge.charter.before_commit",
    "judge.charter.after_commit",
    "judge.proposal.before_commit",  # a version that has to wait is staged with the date of its first sight
    "judge.veto.before_commit",
    "judge.freeze.before_commit",  # the keeper has frozen, nothing of it is durable
    "judge.freeze.after_commit",  # it is durable and not yet in memory
    "judge.unfreeze.before_commit",
    "judge.unfreeze.after_commit",
    "judge.part.before_commit",  # the keeper has its share, and its part of the certificate is staged
    "judge.part.after_commit",  # both are durable, the part is not let out
    "judge.certificate.before_commit",
    "judge.certificate.after_commit",
    "judge.log.before_checkpoint",
    "judge.log.checkpoint_signed",
    "judge.log.tiles_written",
    "judge.log.checkpoint_written",
    "judge.log.superseded_removed",
)
