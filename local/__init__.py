"""The local stack: MiniStack and the simulator, deployed to from `services/*/service.yaml`."""
