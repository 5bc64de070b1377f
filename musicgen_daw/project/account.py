"""The account at the hosted service: what it still holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from musicgen_daw.backends.segmind.config import resolve
from musicgen_daw.backends.segmind.credentials import ApiKey
from musicgen_daw.settings import Settings

__all__ = ["Balance", "ask_for_balance"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds in US dollars, and the service that told it."""

    usd: Decimal
    service: str


def ask_for_balance(
    key: ApiKey, settings: Settings, environment: Mapping[str, str] = os.environ
) -> Balance:
    """Ask the service of the settings what the account of a key holds. It costs nothing.

    Raises:
        Credentials: where the key is refused.
        BackendError: where the service does not answer as it should.
        SettingsError: where the settings of the service are wrong.
    """
    config = resolve(settings.segmind, environment)
    from musicgen_daw.backends.segmind.client import SegmindClient, Timeouts  # the HTTP library

    with SegmindClient(
        config.base_url,
        key,
        model=config.model,
        timeouts=Timeouts(connect_s=config.connect_timeout_s),
    ) as client:
        return Balance(client.credits(), config.base_url)
