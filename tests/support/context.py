"""A Lambda invocation's context."""

from dataclasses import dataclass


@dataclass
class FakeContext:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "ekyc-function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:ekyc-function"
    aws_request_id: str = "3f0f0d3e-0d5b-4c0e-9f5e-6f6d5d6c7b8a"
    remaining_ms: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms
