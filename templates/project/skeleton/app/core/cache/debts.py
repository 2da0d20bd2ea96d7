"""What has changed while Redis was silent, and has yet to be told to it."""

import asyncio
from asyncio import Task
from collections import Counter
from collections.abc import Collection

from app.core.cache.store import Store
from app.core.redis.connection import RedisSilent

PAUSE_SECONDS = 0.5


class Debts:
    """Tags that need a new generation.

    Other processes may give old answers meanwhile, if Redis answers them: until it answers here
    too, and never longer than an entry lives.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._owed: Counter[str] = Counter()
        self._payer: Task[None] | None = None

    async def owe(self, tags: Collection[str]) -> None:
        """Pay now, or as soon as Redis answers."""
        self._owed.update(tags)
        try:
            await self.pay()
        except RedisSilent:
            if self._payer is None:
                self._payer = asyncio.create_task(self._pay_later())

    async def pay(self) -> None:
        """Pay what is owed, if anything is.

        Raises:
            RedisSilent: it has to wait.
        """
        if self._owed:
            owed = dict(self._owed)
            await self._store.renew(owed)
            for tag, times in owed.items():
                if self._owed[tag] == times:  # else there was another change meanwhile
                    del self._owed[tag]

    async def aclose(self) -> None:
        if self._payer is not None:
            self._payer.cancel()
            await asyncio.wait({self._payer})

    async def _pay_later(self) -> None:
        while self._owed:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.pay()
            except RedisSilent:
                continue
        self._payer = None
