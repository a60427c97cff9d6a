"""Tidy results -> a table on the terminal."""

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

SHORT_TITLES = {"per_protein_auroc": "per\nprotein"}


def print_results(results: pd.DataFrame, *, title: str, console: Console | None = None) -> None:
    """One line per scorer and group of pairs; the first metric with its interval. 80 columns."""
    metrics = list(dict.fromkeys(results["metric"]))
    caption = "intervals: 95 %, bootstrap over proteins; per protein: AUROC of its partners"
    table = Table(
        title=title, caption=caption, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
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
            f"{first['pairs']}, {first['non_pairs']}",
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
                notes.pop(0) if notes else "", rows["scorer"].iloc[0], *cells, style=style
            )
        table.add_section()
    (console or Console()).print(table)


def print_information(
    quantities: pd.DataFrame, *, title: str, console: Console | None = None
) -> None:
    """One line per quantity of ``Information.frame``; 80 columns."""
    caption = "nats where bits stand beside, else a ratio or a probability"
    table = Table(
        title=title,
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
        table.add_row(row["quantity"].replace("_", " "), *numbers, bounds, row["note"])
    (console or Console()).print(table)


def _cell(row: pd.Series, *, interval: bool) -> str:
    bounds = f" \\[{row['low']:.3f}, {row['high']:.3f}]" if interval else ""
    return f"{row['value']:.3f}{bounds}"
