"""Tidy results -> tables on the terminal, at most 80 columns wide."""

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHORT_TITLES = {"per_protein_auroc": "per\nprotein"}
SHOWN = ("auroc", "auprc", "per_protein_auroc")
SEVERITY_STYLES = {"ok": "dim", "note": "", "warning": "bold yellow"}


def print_results(results: pd.DataFrame, *, title: str, console: Console | None = None) -> None:
    """Print one line per scorer and group of pairs; the first metric has its interval."""
    metrics = [metric for metric in SHOWN if metric in set(results["metric"])]
    caption = "intervals: 95 %, shared proteins considered; per protein: mean of AUROCs"
    table = Table(
        title=escape(title),
        caption=caption,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("pairs, non-pairs", no_wrap=True)
    table.add_column("scorer", no_wrap=True)
    for metric in metrics:
        table.add_column(
            str(SHORT_TITLES.get(metric, metric.upper())), justify="right", no_wrap=True
        )
    for _, group in results.groupby(["pairs", "non_pairs"], sort=False):
        first = group.iloc[0]
        notes = [
            escape(f"{first['pairs']}, {first['non_pairs']}"),
            f"{first['n_joint']:,} : {first['n_non_pairs']:,}",
        ]
        for _, rows in group.groupby(["scorer", "seed"], sort=False):
            by_metric = rows.set_index("metric")
            cells = [
                _cell(by_metric.loc[metric], interval=metric == metrics[0])
                for metric in metrics
                if metric in by_metric.index
            ]
            style = "bold" if rows["kind"].iloc[0] == "model" else "dim"
            table.add_row(
                notes.pop(0) if notes else "", escape(rows["scorer"].iloc[0]), *cells, style=style
            )
        table.add_section()
    (console or Console()).print(table)


def print_summary(summary: pd.DataFrame, *, console: Console | None = None) -> None:
    """Print the means of a comparison, one line per scorer and group of pairs."""
    table = Table(
        caption="means over splits and seeds; intervals: 95 %",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for title in ("pairs, non-pairs", "scorer"):
        table.add_column(title, no_wrap=True)
    for metric in SHOWN:
        table.add_column(SHORT_TITLES.get(metric, metric.upper()), justify="right", no_wrap=True)
    several_critics = len({critic for critic in summary["critic"] if critic}) > 1
    shown = pd.DataFrame(summary[summary["metric"].isin(SHOWN)])
    places = shown["pairs"] + ", " + shown["non_pairs"]
    for place in places.unique():
        title = str(place)
        group = pd.DataFrame(shown[places == place])
        scorers = group["scorer"] + (", " + group["critic"] if several_critics else "")
        for name in scorers.unique():
            rows = pd.DataFrame(group[scorers == name]).rename(columns={"mean": "value"})
            values = rows.set_index("metric")
            cells = [
                _cell(values.loc[metric], interval=metric == SHOWN[0])
                if metric in values.index
                else ""
                for metric in SHOWN
            ]
            style = "dim" if rows["kind"].iloc[0] == "baseline" else "bold"
            table.add_row(escape(title), escape(str(name)), *cells, style=style)
            title = ""
        table.add_section()
    (console or Console()).print(table)


def print_information(
    quantities: pd.DataFrame, *, title: str, console: Console | None = None
) -> None:
    """Print one line per quantity of ``Information.frame``."""
    caption = "value: in nats if the line also has bits, otherwise a ratio or probability"
    table = Table(
        title=escape(title),
        caption=caption,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("quantity", no_wrap=True)
    for name in ("value", "bits", "95 %"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("note", style="dim")
    for row in quantities.to_dict(orient="records"):
        numbers = ["" if pd.isna(row[name]) else f"{row[name]:z.3f}" for name in ("value", "bits")]
        bounds = "" if pd.isna(row["low"]) else f"{row['low']:z.3f}, {row['high']:z.3f}"
        table.add_row(row["quantity"].replace("_", " "), *numbers, bounds, escape(row["note"]))
    (console or Console()).print(table)


def print_audit(
    checks: pd.DataFrame, verdict: str, *, title: str, console: Console | None = None
) -> None:
    """Print a line per check of ``Audit.frame``, explanations of the findings, and the verdict."""
    table = Table(
        caption="value: a share or an AUROC",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in ("", "check"):
        table.add_column(name, no_wrap=True)
    for name in ("count", "of", "value"):
        table.add_column(name, justify="right", no_wrap=True)
    console = console or Console()
    rows = checks.to_dict(orient="records")
    for row in rows:
        counts = ["" if pd.isna(row[name]) else f"{row[name]:,}" for name in ("count", "of")]
        value = "" if pd.isna(row["value"]) else f"{row['value']:z.3f}"
        style = SEVERITY_STYLES[row["severity"]]
        table.add_row(row["severity"], row["check"].replace("_", " "), *counts, value, style=style)
    console.print(escape(title), style="italic", highlight=False)
    console.print(table)
    for row in rows:
        if row["severity"] != "ok":
            named = f", e.g. {row['examples']}" if row["examples"] else ""
            text = f"{row['check'].replace('_', ' ')}: {row['explanation']}{named}"
            style = SEVERITY_STYLES[row["severity"]]
            console.print(escape(text), style=style, highlight=False)
    console.print(f"\n{escape(verdict)}", highlight=False)


def _cell(row: pd.Series, *, interval: bool) -> str:
    bounds = f" \\[{row['low']:.3f}, {row['high']:.3f}]" if interval else ""
    return f"{row['value']:.3f}{bounds}"
