"""The service. Layers: api, services, repositories and schemas, models."""

__version__ = "0.1.0"
