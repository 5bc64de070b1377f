"""``musicgen-daw serve``: the hosted service's API from this machine, and the keys to it."""

from __future__ import annotations

import ipaddress
import os
import shlex
import sys
import time
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from musicgen_daw.cli.logs import verbose_option
from musicgen_daw.cli.options import json_option, option
from musicgen_daw.cli.text import print_json, print_table, printable
from musicgen_daw.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from musicgen_daw.server.accounts import Account, Accounts
    from musicgen_daw.server.options import Options

__all__ = ["serve"]

_NEEDED = ("starlette", "uvicorn")


def usd(value: str | Decimal) -> Decimal:
    """Return an amount of US dollars, exactly as it is typed."""
    try:
        return Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is no amount, such as 5 or 0.004") from None


data_option = option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of keys, credits and results, instead of your own.",
)


@click.group(invoke_without_command=True)
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@option("-b", "--backend", metavar="NAME", default="sketch", show_default=True, help="Generator.")
@data_option
@option("--rate-per-minute", type=click.IntRange(1), help="Clips a key may ask for in a minute.")
@option("--workers", type=click.IntRange(1, 256), help="Clips made at a time.")
@option("--queue", type=click.IntRange(0, 100_000), help="Clips that may wait.")
@option("--max-seconds", type=click.FloatRange(0.1, 86_400), help="Time for a clip, waiting too.")
@option("--usd-per-second", type=usd, help="Price of a second of music.  [default: 0.004]")
@option("--usd-per-clip", type=usd, help="Price of a clip, besides.  [default: 0]")
@option("--public-url", metavar="URL", help="Root of the URLs in answers, behind a proxy.")
@verbose_option
@click.pass_context
def serve(
    context: click.Context, /, host: str, port: int, backend: str, data: Path | None, **flags: Any
) -> None:
    """Serve the hosted service's API in front of a generator, until it is interrupted."""
    context.obj = data
    if context.invoked_subcommand is not None:
        return
    _check_extra()
    from musicgen_daw.backends import registry
    from musicgen_daw.server.app import make_app
    from musicgen_daw.server.run import listen, serve_until_stopped, url_of

    options = _options(flags)
    registry.load(backend)  # an unknown name is told before a port is taken
    folder = _folder(data)
    app = make_app(lambda: registry.load(backend), folder, options)
    try:
        bound = listen(host, port)
    except BaseException:
        app.state.service.close()
        raise
    _warn(host, app.state.service.accounts, data)

    def tell() -> None:
        told = f"listening on {url_of(bound)}, backend {backend}"
        advice = "interrupt to stop, twice to stop at once"
        click.echo(printable(f"{told}; {advice}"), err=True)

    if not serve_until_stopped(app, bound, tell):
        click.echo("a clip that does not come to its end was given up", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # its thread would keep the process


@serve.group()
def keys() -> None:
    """Make, list, revoke and credit the keys of callers."""


@keys.command()
@click.argument("name")
@option("--credits", "amount", type=usd, default="0", show_default=True, help="US dollars.")
@data_option
@json_option
@click.pass_obj
def add(above: Path | None, name: str, amount: Decimal, data: Path | None, as_json: bool) -> None:
    """Make a key for NAME and print it: it is shown this once."""
    with _accounts(data or above) as accounts:
        key = accounts.add(name, amount)
    if as_json:
        print_json({"name": name, "key": key, "credits": float(amount)})
    else:
        click.echo(key)


@keys.command("list")
@data_option
@json_option
@click.pass_obj
def list_keys(above: Path | None, data: Path | None, as_json: bool) -> None:
    """List whose keys there are and what they have; a key itself is never shown again."""
    with _accounts(data or above) as accounts:
        listed = accounts.listed()
    if as_json:
        print_json([_plain(account) for account in listed])
        return
    print_table(
        ("key", "USD", "held", "since", "state"),
        [
            (
                account.name,
                f"{account.credits_usd:f}",
                f"{account.held_usd:f}",
                _day(account.created_s),
                "good" if account.revoked_s is None else "revoked",
            )
            for account in listed
        ],
    )


@keys.command()
@click.argument("name")
@data_option
@json_option
@click.pass_obj
def revoke(above: Path | None, name: str, data: Path | None, as_json: bool) -> None:
    """Refuse the key of NAME from now on."""
    with _accounts(data or above) as accounts:
        account = accounts.revoke(name)
    if as_json:
        print_json(_plain(account))
    else:
        click.echo(f"{name}: revoked")


@keys.command()
@click.argument("name")
@click.argument("amount", type=usd)
@data_option
@json_option
@click.pass_obj
def credit(
    above: Path | None, name: str, amount: Decimal, data: Path | None, as_json: bool
) -> None:
    """Add AMOUNT US dollars to the credits of NAME."""
    with _accounts(data or above) as accounts:
        account = accounts.credit(name, amount)
    if as_json:
        print_json(_plain(account))
    else:
        click.echo(f"{name}: {account.credits_usd:f} USD")


def _check_extra() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the server needs {' and '.join(missing)}: pip install 'musicgen-daw[serve]'"
        )


def _options(flags: dict[str, Any]) -> Options:
    """Return what was typed, and the server's own defaults for the rest."""
    from musicgen_daw.server.options import Options

    flags["max_job_s"] = flags.pop("max_seconds")
    url = flags["public_url"]
    if url is not None and not url.startswith(("http://", "https://")):
        raise UsageError(f"--public-url {url!r} must begin with http:// or https://")
    flags["public_url"] = url and url.rstrip("/")
    try:
        return Options(**{name: value for name, value in flags.items() if value is not None})
    except ValueError as error:
        raise UsageError(str(error)) from None


def _warn(host: str, accounts: Accounts, data: Path | None) -> None:
    if not _is_loopback(host):
        click.echo(
            f"warning: {printable(host)} can be reached by other machines, and keys travel in "
            "clear: put a proxy with TLS in front of it",
            err=True,
        )
    if not any(account.revoked_s is None for account in accounts.listed()):
        where = "" if data is None else f" --data {shlex.quote(str(data))}"
        advice = f"make one with musicgen-daw serve keys add NAME --credits 5{where}"
        click.echo(printable(f"there are no keys yet: {advice}"), err=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _accounts(data: Path | None) -> Iterator[Accounts]:
    from musicgen_daw.server.accounts import Accounts
    from musicgen_daw.server.database import Database

    database = Database(_folder(data))
    try:
        yield Accounts(database, time.time)
    finally:
        database.close()


def _folder(data: Path | None) -> Path:
    import platformdirs  # only where a server or its keys are wanted

    return data or platformdirs.user_data_path("musicgen-daw", appauthor=False) / "serve"


def _plain(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "credits": float(account.credits_usd),
        "held": float(account.held_usd),
        "created_s": account.created_s,
        "revoked": account.revoked_s is not None,
    }


def _day(at_s: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at_s))
