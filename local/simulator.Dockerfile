# The simulator as docker-compose.localstack.yml starts it; built from the root of the repository.
FROM python:3.13-slim

RUN useradd --create-home simulator && install --directory --owner=simulator /state
WORKDIR /app
COPY requirements/simulator.txt requirements/
RUN pip install --no-cache-dir --require-hashes --requirement requirements/simulator.txt
COPY simulator simulator

USER simulator
EXPOSE 4567
ENTRYPOINT ["python", "-m", "simulator"]
