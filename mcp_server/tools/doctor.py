"""The tool that finds out why AirChat does not work here."""

from airchat.doctor import Finding, Level, examine
from mcp_server.desk import Desks

_MARKS = {Level.OK: "PASS", Level.WARNING: "WARN", Level.FAILURE: "FAIL"}


class DoctorTools:
    """What is wrong here, from an agent that runs."""

    def __init__(self, desk: Desks) -> None:
        self._desk = desk

    def airchat_doctor(self) -> str:
        """Check AirChat's setup on this machine and say what is missing and how to repair it."""
        return _report([*examine(), self._desk().push()])


def airchat_doctor() -> str:
    """Check AirChat's setup on this machine and say what is missing and how to repair it."""
    return _report(examine())


def _report(findings: list[Finding]) -> str:
    healthy = all(finding.level is Level.OK for finding in findings)
    end = ["Restart this session if it does not have all of AirChat's tools."] if healthy else []
    return "\n".join(["HEALTHY" if healthy else "ISSUES FOUND", *map(_line, findings), *end])


def _line(finding: Finding) -> str:
    fix = f"\n       {finding.fix}" if finding.fix else ""
    return f"[{_MARKS[finding.level]}] {finding.text}{fix}"
