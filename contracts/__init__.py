"""The language the services share: events, HTTP bodies, identifiers, problems. Pydantic only, no I/O."""
