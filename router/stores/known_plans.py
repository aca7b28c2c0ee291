"""The usage plans that callers are known to be on before any of them calls: those that their records name."""

import sqlite3
from pathlib import Path

from router.config.authentication import KeyStoreSection, RouterAuthentication
from router.stores.api_keys import KeyStoreError
from router.stores.file_api_keys import read_api_keys


def known_plans(section: RouterAuthentication) -> frozenset[str]:
    """Plans of configured callers, and of API keys in files. What cannot be read is not known: others will tell."""
    plans = [key.plan for key in section.hmac.keys if key.plan is not None] if section.hmac is not None else []
    store = section.api_key.store if section.api_key is not None else None
    return frozenset((*plans, *(_plans_of_keys(store) if store is not None else ())))


def _plans_of_keys(section: KeyStoreSection) -> frozenset[str]:
    if section.redis is not None:
        return frozenset()  # a start does not wait for a server
    if section.file is not None:
        try:
            return frozenset(record.plan for record in read_api_keys(Path(section.file)).values())
        except KeyStoreError:
            return frozenset()
    path = Path(section.sqlite or "keys.sqlite").resolve()
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            return frozenset(str(plan) for (plan,) in database.execute("SELECT DISTINCT plan FROM api_keys"))
        finally:
            database.close()
    except sqlite3.Error:
        return frozenset()
