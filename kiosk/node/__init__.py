"""Roles 2 and 3: keeps the packages of the meetings that are on, and serves them to terminals.

A node is a library with a face. Its *source* publishes revisions in the library of the data
directory: from a master or other nodes (`kiosk node --upstream`), or from a folder (`--folder`).
The shelf makes a package of each, which is the same bytes on every node (`kiosk.packing`), and the
application serves shelf and source as contract §3a and §3b say.
"""
