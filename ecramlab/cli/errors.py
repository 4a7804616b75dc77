"""Errors that a user can mend, told in one sentence instead of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


class RefusedRequest(click.ClickException):
    """Nothing was sent: the request itself has to change."""

    exit_code = 2


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Turn refusals, instrument, run file and bench file errors into what click shows as `Error: …`."""
    from drivers.errors import InstrumentError, Refused
    from ecramlab.bench_file import BenchFileError
    from ecramlab.runs import RunFileError

    try:
        yield
    except (Refused, BenchFileError) as error:
        raise RefusedRequest(str(error)) from None
    except (InstrumentError, RunFileError) as error:
        raise click.ClickException(str(error)) from None
