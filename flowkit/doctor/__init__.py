"""Examines everything between a program and its server, and says what to do about what is wrong.

::

    for finding in examine():
        print(finding.subject, finding.state, finding.text, finding.mend)

Each module looks at one thing and returns findings; what cannot be looked at because of an earlier
problem is skipped.
"""

from __future__ import annotations

from flowkit.doctor.examination import TIMEOUT, Patient, examine
from flowkit.doctor.finding import Finding, State

__all__ = ["TIMEOUT", "Finding", "Patient", "State", "examine"]
