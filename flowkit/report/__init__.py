"""What became of a job as one page: HTML that needs nothing but itself."""

from flowkit.report.page import write_report

__all__ = ["write_report"]
