"""``musicgen-daw auth``: the key of the hosted service, in this machine's keyring."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.logs import verbose_option
from musicgen_daw.cli.options import json_option, option, pass_settings
from musicgen_daw.cli.text import print_json, printable, usd
from musicgen_daw.errors import Credentials
from musicgen_daw.settings import Settings

if TYPE_CHECKING:
    from musicgen_daw.project.account import Balance

__all__ = ["auth"]

_LONGEST_LINE = 4096

check_option = option("--check", is_flag=True, help="Ask the service for the balance; it is free.")


@click.group()
@verbose_option
def auth() -> None:
    """Keep the key of the hosted service in this machine's keyring.

    SEGMIND_API_KEY in the environment goes before it. A key is never a flag, and never printed.
    """


@auth.command()
@check_option
@verbose_option
@pass_settings
def login(settings: Settings, check: bool) -> None:
    """Keep a key, typed unseen or piped into stdin."""
    from musicgen_daw.backends.segmind.credentials import KEY_VARIABLE, ApiKey, store_key

    key = ApiKey(_typed())
    if check:
        from musicgen_daw.project.account import ask_for_balance

        _tell_balance(ask_for_balance(key, settings))
    store_key(key)
    click.echo("the key is kept in this machine's keyring", err=True)
    if os.environ.get(KEY_VARIABLE, "").strip():
        click.echo(f"but {KEY_VARIABLE} is set, and goes before it", err=True)


@auth.command()
@check_option
@json_option
@verbose_option
@pass_settings
def status(settings: Settings, check: bool, as_json: bool) -> None:
    """Tell where the key comes from. Without one the exit code is 6."""
    from musicgen_daw.backends.segmind.credentials import find_key, where_is_key

    where = where_is_key(os.environ)
    balance = None
    if check and where:
        from musicgen_daw.project.account import ask_for_balance

        balance = ask_for_balance(find_key(os.environ), settings)
    if as_json:
        print_json(_as_json(where, balance))
    elif where:
        click.echo(f"the key comes from the {where}")
        if balance:
            _tell_balance(balance)
    find_key(os.environ)  # where it is missing, or can't be a key, its error tells what to do


@auth.command()
@verbose_option
def logout() -> None:
    """Remove the key from this machine's keyring."""
    from musicgen_daw.backends.segmind.credentials import KEY_VARIABLE, forget_key

    was_there = forget_key()
    click.echo(
        "the key is removed from this machine's keyring" if was_there else "no key was kept",
        err=True,
    )
    if os.environ.get(KEY_VARIABLE, "").strip():
        click.echo(f"{KEY_VARIABLE} is still set", err=True)


def _typed() -> str:
    """Return what is typed unseen on a terminal, or the first line of a pipe."""
    if sys.stdin.isatty():
        typed: str = click.prompt("key of the hosted service", hide_input=True, err=True)
        return typed
    try:
        return sys.stdin.readline(_LONGEST_LINE)
    except UnicodeDecodeError:
        raise Credentials("what is given as the key is no text") from None


def _tell_balance(balance: Balance) -> None:
    click.echo(f"{printable(balance.service)} takes it; the account holds {usd(balance.usd)} USD")


def _as_json(where: str | None, balance: Balance | None) -> dict[str, Any]:
    return {
        "key": where,
        "service": balance.service if balance else None,
        "balance_usd": balance.usd if balance else None,
    }
