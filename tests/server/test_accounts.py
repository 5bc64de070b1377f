"""Keys and credits: what is kept of a key, and that money is exact."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tones import KEY_SHAPE, Clock, served

from musicgen_daw.errors import StoreError, UsageError
from musicgen_daw.server.accounts import Accounts
from musicgen_daw.server.database import Database
from musicgen_daw.server.money import to_micro_usd, to_usd, usd_text
from musicgen_daw.server.records import Records


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "serve")
    yield opened
    opened.close()


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, Clock())


def test_a_key_is_told_once_and_finds_its_account(accounts: Accounts) -> None:
    key = accounts.add("bob", Decimal("5.000001"))
    assert re.fullmatch(KEY_SHAPE, key)
    found = accounts.find(key)
    assert found is not None
    assert (found.name, found.credits_usd) == ("bob", Decimal("5.000001"))
    assert accounts.find(key.upper()) is None
    assert accounts.find("") is None


def test_no_byte_on_disk_holds_a_key(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        server.ask(duration=1)
        server.ask("refuse", api="v2")
        key = server.key
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".wav" for path in written)
    for path in written:
        content = path.read_bytes()
        assert key.encode() not in content, path
        assert bytes.fromhex(key.removeprefix("SG_")) not in content, path


def test_the_folder_is_its_owners_alone(tmp_path: Path, accounts: Accounts) -> None:
    assert stat.S_IMODE((tmp_path / "serve").stat().st_mode) == 0o700


def test_two_servers_hash_the_same_key_differently(tmp_path: Path) -> None:
    key, hashes = "SG_same", set()
    for name in ("one", "two"):
        database = Database(tmp_path / name)
        hashes.add(Accounts(database, Clock())._hash(key))
        database.close()
    assert len(hashes) == 2


def test_a_revoked_key_is_refused_at_once_and_keeps_its_name(accounts: Accounts) -> None:
    key = accounts.add("bob", Decimal(1))
    accounts.revoke("bob")
    assert accounts.find(key) is None
    assert accounts.listed()[0].revoked_s == 1_800_000_000.0
    with pytest.raises(UsageError, match="already"):
        accounts.add("bob", Decimal(1))


def test_another_process_may_make_keys_while_the_server_runs(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        database = Database(tmp_path)
        Accounts(database, Clock()).credit("tester", Decimal("0.5"))
        database.close()
        assert server.credits() == 5.5


@pytest.mark.parametrize("name", ["", " bob", "a/b", "x" * 65, "\x1b[31m", "bob\n"])
def test_a_name_that_is_none_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        accounts.add(name, Decimal(1))


@pytest.mark.parametrize("usd", ["-1", "NaN", "Infinity", "1e9", "0.0000001", "1e-400"])
def test_an_amount_that_is_none_is_refused(accounts: Accounts, usd: str) -> None:
    with pytest.raises(UsageError):
        accounts.add("bob", Decimal(usd))
    accounts.add("bob", Decimal(1))
    with pytest.raises(UsageError):
        accounts.credit("bob", Decimal(usd))
    assert accounts.listed()[0].credits_usd == 1


def test_an_account_holds_at_most_a_million(accounts: Accounts) -> None:
    accounts.add("bob", Decimal(1_000_000))
    with pytest.raises(UsageError, match="at most"):
        accounts.credit("bob", Decimal("0.000001"))
    assert accounts.listed()[0].credits_usd == 1_000_000


def test_an_unknown_name_is_told_with_the_nearest(accounts: Accounts) -> None:
    accounts.add("bobby", Decimal(1))
    with pytest.raises(UsageError, match="did you mean 'bobby'"):
        accounts.credit("boby", Decimal(1))


@given(st.decimals(min_value=0, max_value=1_000_000, places=6))
def test_money_comes_back_exactly_as_digits(usd: Decimal) -> None:
    again = to_usd(to_micro_usd(usd))
    assert again == usd
    assert Decimal(usd_text(again)) == usd
    assert re.fullmatch(r"\d+(\.\d*[1-9])?", usd_text(again))


def test_a_call_ends_once_whoever_ends_it(database: Database, accounts: Accounts) -> None:
    accounts.add("bob", Decimal(1))
    records = Records(database, Clock())
    assert records.hold("c1", 1, "a", Decimal(10), 1, Decimal("0.04"))

    def end(number: int) -> bool:
        if number % 2:
            return records.complete("c1", 0.5) is not None
        return records.fail("c1", "too late")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(end, range(8))) == 1
    (account,) = accounts.listed()
    completed = records.find("c1", 1).state == "COMPLETED"
    assert account.held_usd == 0
    assert account.credits_usd == (Decimal("0.96") if completed else 1)


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.transaction() as connection:
        connection.execute("PRAGMA user_version = 9")
    database.close()
    with pytest.raises(StoreError, match="version 9"):
        Database(tmp_path)


def test_what_is_no_database_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "serve.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"serve\.sqlite: the record of accounts can't be used"):
        Database(tmp_path)
