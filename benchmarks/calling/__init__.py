"""Calls through a proxy: SIPp, Kamailio, the processes, and their CPU time."""
