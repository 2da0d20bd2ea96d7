"""The service. A request passes api, services, repositories and models."""

__version__ = "0.1.0"
