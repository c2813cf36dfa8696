"""The engine that encoders use."""

from nzip.engines import CURRENT, ENGINES

ENGINE = ENGINES[CURRENT]
