"""For Celery's own commands: `celery --app app.queue.monitoring status`."""

from app.queue.broker import Broker
from app.settings import get_settings

celery = Broker(get_settings()).app
