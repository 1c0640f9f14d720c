"""Pictures on Twilio's side: the API knows a picture's address and sends on to the content network, which asks for no credentials.

Source: Twilio, "Media subresource"; the redirect (307) is how it answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from handoff.simulator.photo import KIND, photo
from handoff.simulator.rest import Refusal
from handoff.simulator.texts import media_sid

if TYPE_CHECKING:
    from handoff.simulator.twilio import Twilio

CDN = "/cdn/{account}/{media}"


class Media:
    def __init__(self, twilio: Twilio) -> None:
        self._twilio = twilio

    async def send_on(self, request: web.Request) -> web.Response:
        """`GET …/Messages/<sid>/Media/<sid>`. Raises `Refusal` 20404."""
        account, media = self._twilio.account, request.match_info["media"]
        text = next((text for text in self._twilio.texts if text.sid == request.match_info["sid"]), None)
        if text is None or media not in [media_sid(text, number) for number in range(text.media)]:
            raise Refusal(20404)
        return web.Response(status=307, headers={"Location": f"{account.api_url}{CDN.format(account=account.sid, media=media)}"})

    async def serve(self, request: web.Request) -> web.Response:
        return web.Response(body=photo(), content_type=KIND)
