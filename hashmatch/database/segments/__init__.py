"""Lookup segments: what the store holds at a revision, as mapped files that answer at once.

Derived data: they can be deleted and built again, name the database and the revision that they
hold, and are never answered from unless both fit. docs/lookup.md explains them.
"""
