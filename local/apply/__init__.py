"""Brings an account to the desired state, one thin module per AWS service; doing it twice changes nothing."""
