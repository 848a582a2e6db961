"""The report as one HTML page for a hub's onboarding: nothing is loaded from elsewhere, every value is escaped."""

from html import escape

from roampost.poi.check import Checked, Report
from roampost.poi.fields import FIELDS, Field, Need, is_filled
from roampost.poi.finding import Finding, Severity
from roampost.poi.shown import shown

_STYLE = """
body { font: 10pt/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; color: #111 }
table { border-collapse: collapse; width: 100%; margin: .5em 0 1.5em }
th, td { border: 1px solid #999; padding: .2em .5em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee }
td:first-child { white-space: nowrap }
.error { background: #f8c8c8 } .warning { background: #fbe8b0 } .hint { background: #e4eefb }
thead { display: table-header-group } tr { break-inside: avoid }
@media print {
  body { margin: 0; max-width: none }
  section + section { break-before: page }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact }
}
"""
_HEAD = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_NAMES = frozenset(one.name for one in FIELDS)
_NEED = {
    Need.MANDATORY: "mandatory",
    Need.INSISTED: "mandatory at some hubs",
    Need.OPTIONAL: "optional",
    Need.RARE: "where it applies",
}


def page(report: Report, station: str, made: str) -> str:
    """made: when, as text."""
    title = escape(f"EVSE data of {station}")
    parts = [
        f"{_HEAD}<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>",
        f"<p>{escape(made)}. {escape(summary(report))}</p>",
        *(_section(one) for one in report.checked),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def summary(report: Report) -> str:
    """How many of what, in one sentence."""
    counts = ", ".join(_count(report.count(one), one) for one in Severity)
    evses = _count(len(report.checked), "EVSE")
    return f"{evses}, {report.completeness_percent} % of the optional fields filled: {counts}."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _section(checked: Checked) -> str:
    rows = "\n".join(_row(checked, field) for field in FIELDS)
    rest = "\n".join(_loose(one) for one in checked.findings if not _known(one))
    return (
        f"<section><h2>{escape(checked.poi.evse_id)}</h2>\n"
        f"<p>{checked.completeness_percent} % of the optional fields are filled.</p>\n{rest}"
        f"<table><thead><tr><th>Field</th><th>Value</th><th>Status</th></tr></thead><tbody>\n{rows}\n"
        "</tbody></table></section>"
    )


def _row(checked: Checked, field: Field) -> str:
    found = [one for one in checked.findings if _field(one) == field.name]
    # Findings are worst first.
    kind = f' class="{found[0].severity}"' if found else ""
    filled = is_filled(checked.poi, field)
    value = escape(shown(checked.poi, field)) if filled else "–"
    status = "<br>".join(map(_told, found)) or ("right" if filled else "not given")
    return (
        f"<tr{kind}><td>{field.name}<br><small>{_NEED[field.need]}</small></td><td>{value}</td><td>{status}</td></tr>"
    )


def _told(finding: Finding) -> str:
    return f"<b>{finding.severity}</b>: {escape(finding.says)} <i>{escape(finding.advice)}</i>"


def _loose(finding: Finding) -> str:
    return f'<p class="{finding.severity}">{escape(finding.field)}: {_told(finding)}</p>'


def _known(finding: Finding) -> bool:
    return _field(finding) in _NAMES


def _field(finding: Finding) -> str:
    """The row of a finding: `facilities[1].power_kw` and `info.en` stand under the whole field."""
    whole = finding.field.partition("[")[0]
    return whole if whole in _NAMES else whole.partition(".")[0]
