"""Crosspoint arrays whose lines have resistance: reading, writing, energy, and devices that change."""
