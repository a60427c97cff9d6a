"""A table of pairs -> what is wrong in it or leaks from training, in numbers and words."""

from ppi_ratio.auditing.auditing import audit
from ppi_ratio.auditing.results import Audit, Check, Severity, check_audit_name
from ppi_ratio.auditing.score_files import read_scores

__all__ = ["Audit", "Check", "Severity", "audit", "check_audit_name", "read_scores"]
