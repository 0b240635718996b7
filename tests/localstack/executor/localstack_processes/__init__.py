"""Lets LocalStack run Lambda functions as processes of this machine, where there is no Docker."""
