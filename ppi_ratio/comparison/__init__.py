"""Objectives x critics x seeds x splits -> scores, and tidy tables that compare the scorers.

A *fold* is one split with its labelled test sets. A *scorer* is an objective with a critic and a
seed, or a baseline. A *run* is one scorer on one fold.
"""
