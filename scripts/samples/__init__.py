"""Texts and makers of the sample materials."""
