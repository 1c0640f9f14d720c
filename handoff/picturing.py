"""The job that fetches a patient's picture: after the commit, outside any transaction, and only where the clinic switched it on."""

from __future__ import annotations

from collections.abc import Mapping

from handoff.desk import pictures
from handoff.desk.work import Desk
from handoff.jobs import Job, Lease
from handoff.picture import NoPicture
from handoff.picture_source import PictureSource
from handoff.runner import Handler

TRIES = 4  # a picture may be a moment behind its text


class Picturing:
    def __init__(self, desk: Desk, source: PictureSource | None) -> None:
        """`source`: None where there is no provider, or pictures are not to be fetched."""
        self._desk = desk
        self._source = source

    def handlers(self) -> Mapping[str, Handler]:
        return {pictures.FETCH: self.fetch}

    async def fetch(self, job: Job) -> None:
        """Fetch one picture and keep it, or note why not. Raises `NoPicture` where another try is worth it."""
        lease, picture = _lease(job), job.payload["picture"]
        try:
            if self._source is None:
                raise NoPicture("switched_off")
            fetched = await self._source.fetch(await self._desk.look(pictures.where, picture))
        except NoPicture as error:
            if error.again and job.attempts < TRIES:
                raise
            await self._desk.do(pictures.failed, lease, picture, error.reason)
        else:
            await self._desk.do(pictures.keep, lease, picture, fetched.kind, fetched.data)


def _lease(job: Job) -> Lease:
    assert job.lease is not None  # the runner gives a duty claimed jobs only
    return job.lease
