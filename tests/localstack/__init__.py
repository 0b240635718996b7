"""The end-to-end tests on LocalStack, a second AWS, without Docker: `make e2e-localstack`."""
