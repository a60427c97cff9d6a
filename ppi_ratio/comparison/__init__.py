"""Objectives x critics x seeds x splits -> every score, and tidy tables of how they differ."""
