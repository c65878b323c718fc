"""``flowkit job report``: what became of a job, as one page."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.settings import ClientCommand, connect
from flowkit.files.downloads import check_destination, replace_whole
from flowkit.report import write_report

__all__ = ["report"]


@click.command(cls=ClientCommand)
@click.option("--job-id", "-j", required=True, help="The job.")
@click.option(
    "--output-path",
    "-o",
    "output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write, such as report.html; - is standard output.",
)
@click.pass_context
def report(ctx: click.Context, job_id: str, output: Path) -> None:
    """Write a page about a job.

    It shows the graph of the job, and charts and tables of what each component found, as far as the
    server knows it of its own parties. The page is one file of HTML, needs no network and no
    script, and prints well. Its folder is made if it is not there.
    """
    page = write_report(connect(ctx), job_id)
    if str(output) == "-":
        click.echo(page, nl=False)
        return
    file = output.absolute()
    check_destination(file, directory=False)
    try:
        with replace_whole(file) as staging:
            staging.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(
            f"{str(output)!r} cannot be written: {error.strerror}"
        ) from error
    click.echo(f"wrote {output}", err=True)
