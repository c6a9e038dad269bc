"""Figures of one judge in Prometheus' text format: counts, durations and states; no address, amount, user or
secret.
"""
