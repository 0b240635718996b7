"""What both simulated services share: clock, wire protocol, validation, tasks, faults, call log."""
