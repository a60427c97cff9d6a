"""Objectives x critics x seeds x splits -> scores, and tidy tables that compare the scorers.

Words: a *fold* is one split with its labelled test sets; a *run* is one scorer (an objective with a
critic and a seed, or a baseline) on one fold.
"""
