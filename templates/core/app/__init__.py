"""The service. A request goes inwards: api, services, repositories, models."""

__version__ = "0.1.0"
