"""A run of ``ppi-ratio compare`` -> a table in ``benchmarks/results``, and the rows of README.

python benchmarks/comparison_tables.py runs/gold_standard benchmarks/results/gold_standard.tsv
"""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from ppi_ratio.io.tables import write_table

METRICS = ("auroc", "auprc", "per_protein_auroc", "ece", "calibration_slope")
WHO = ["critic", "scorer", "kind"]
WHERE = ["pairs", "non_pairs", "metric"]
KINDS = ("model", "ensemble", "baseline")


def main(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    results: Annotated[Path, typer.Argument(help="Table to write.")],
) -> None:
    """Write means with intervals and differences to the reference; print a table per group."""
    summary = pd.read_parquet(run / "summary.parquet")
    differences = pd.read_parquet(run / "differences.parquet")
    differences = differences.rename(columns={"low": "difference_low", "high": "difference_high"})[
        [*WHO, *WHERE, "reference", "difference", "difference_low", "difference_high"]
    ]
    table = summary[summary["metric"].isin(METRICS)].drop(columns=["optimum", "how"])
    table = table.merge(differences, on=[*WHO, *WHERE], how="left")
    write_table(table, results)
    for pairs, non_pairs in table[WHERE[:2]].drop_duplicates().itertuples(index=False):
        typer.echo(f"\n{pairs}, {non_pairs}\n")
        typer.echo("| scorer | " + " | ".join(METRICS) + " | AUROC less the reference's |")
        typer.echo("|---|" + "---|" * (len(METRICS) + 1))
        group = table[(table["pairs"] == pairs) & (table["non_pairs"] == non_pairs)]
        for kind in KINDS:
            for scorer in group.loc[group["kind"] == kind, "scorer"].unique():
                own = pd.DataFrame(group[group["scorer"] == scorer])
                typer.echo(f"| {scorer} | {' | '.join(cells(own))} |")


def cells(rows: pd.DataFrame) -> list[str]:
    """The table row of one scorer, as README shows it."""
    by_metric = rows.set_index("metric")
    shown = []
    for metric in METRICS:
        if metric not in by_metric.index:
            shown.append("")
            continue
        row = by_metric.loc[metric]
        spread = f" ± {row['sd']:.3f}" if pd.notna(row["sd"]) else ""
        interval = f" [{row['low']:.3f}, {row['high']:.3f}]" if pd.notna(row["low"]) else ""
        shown.append(f"{row['mean']:.3f}{spread}{interval}")
    gap = by_metric.loc["auroc"] if "auroc" in by_metric.index else None
    if gap is None or pd.isna(gap["difference"]):
        return [*shown, ""]
    return [
        *shown,
        f"{gap['difference']:+.3f} [{gap['difference_low']:+.3f}, {gap['difference_high']:+.3f}]",
    ]


if __name__ == "__main__":
    typer.run(main)
