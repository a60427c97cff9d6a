"""Tidy results -> a table on the terminal."""

import pandas as pd
from rich.console import Console
from rich.table import Table

METRIC_TITLES = {"auroc": "AUROC", "auprc": "AUPRC", "per_protein_auroc": "per-protein AUROC"}


def print_results(results: pd.DataFrame, *, title: str, console: Console | None = None) -> None:
    """One line per scorer and group of pairs, one column per metric, intervals beside the values."""
    console = console or Console()
    metrics = list(dict.fromkeys(results["metric"]))
    table = Table(title=title, title_justify="left", caption="value [95 % interval over proteins]")
    for name in ("pairs", "non-pairs", "scorer"):
        table.add_column(name, no_wrap=True)
    for metric in metrics:
        table.add_column(METRIC_TITLES.get(metric, metric), justify="right", no_wrap=True)
    previous = None
    for (pairs, non_pairs, scorer), rows in results.groupby(
        ["pairs", "non_pairs", "scorer"], sort=False
    ):
        group = (pairs, non_pairs)
        first = rows.iloc[0]
        if previous not in (None, group):
            table.add_section()
        counts = f"{pairs} ({first['n_joint']:,})" if group != previous else ""
        law = f"{non_pairs} ({first['n_non_pairs']:,})" if group != previous else ""
        by_metric = rows.set_index("metric")
        cells = [
            _cell(by_metric.loc[metric]) if metric in by_metric.index else "" for metric in metrics
        ]
        style = "bold" if first["kind"] == "model" else "dim"
        table.add_row(counts, law, str(scorer), *cells, style=style)
        previous = group
    console.print(table)


def _cell(row: pd.Series) -> str:
    return f"{row['value']:.3f} \\[{row['low']:.3f}, {row['high']:.3f}]"
