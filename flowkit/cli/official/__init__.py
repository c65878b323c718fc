"""The command line as users of FATE know it: ``flow`` 1.6 to 1.11 and ``fate_flow_client.py``."""
