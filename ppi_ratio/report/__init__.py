"""Reports: tidy tables, curves and scores -> figures; computes no metric.

Import ``ppi_ratio.report.figures`` where figures are drawn: it loads matplotlib.
"""
