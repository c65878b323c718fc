"""``flowkit doctor``: what stands between this machine and the server, and how to mend it."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

import click

from flowkit.cli.output import write_json
from flowkit.cli.settings import ClientCommand, Settings
from flowkit.display.visible import visible
from flowkit.doctor import TIMEOUT, Finding, Patient, State, examine

__all__ = ["doctor"]

MARKS = {
    State.OK: ("ok", "green"),
    State.WARNING: ("warning", "yellow"),
    State.PROBLEM: ("PROBLEM", "red"),
    State.SKIPPED: ("skipped", "bright_black"),
}


@click.command(cls=ClientCommand)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Examine the installation, the settings and the way to the server.

    Looked at are the installed versions, a second flow_sdk, the configuration file, the plugins,
    the address and where it was given, proxies, DNS, TCP, TLS, HTTP, the server's version, its
    clock, and whether it lets us in. Each problem comes with what to do about it; no secret is
    printed. The exit code is 0 when there is no problem, 1 when there is one; a warning is none.
    """
    settings = ctx.ensure_object(Settings)
    patient = Patient(
        settings.client,
        settings.profile,
        tuple(settings.plugins),
        settings.timeout or TIMEOUT,
    )
    # What is logged of a broken plugin is a finding, too; without a handler it would stand among them.
    logging.getLogger("flowkit").addHandler(logging.NullHandler())
    findings: list[Finding] = []
    for finding in examine(patient):
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        write_json([_plain(finding) for finding in findings])
    ctx.exit(int(any(finding.state is State.PROBLEM for finding in findings)))


def _show(finding: Finding) -> None:
    """Print a finding, and below it what to do."""
    mark, colour = MARKS[finding.state]
    click.echo(
        f"{click.style(f'{mark:8}', fg=colour)} {finding.subject:14} {visible(finding.text)}"
    )
    if finding.mend:
        click.echo(f"{'':24}→ {visible(finding.mend)}")


def _plain(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "state": finding.state.value}
