"""Tidy tables, curves and scores -> figures, terminal tables and one HTML page.

No metric is computed here.

Import a module of this package only where it is used: the figures load matplotlib, and the page
loads jinja2 and plotly.
"""
