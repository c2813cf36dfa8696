"""The engine that encoders use."""

from nzip.engines import current_engine

ENGINE = current_engine()
