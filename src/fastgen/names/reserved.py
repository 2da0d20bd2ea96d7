"""Words that a project, a resource or a field cannot be called, as data."""

import builtins
import keyword
import sys

LAYERS = frozenset(
    "api app core dependencies docs middleware migrations models repositories schemas scripts "
    "services templates tests v1 workers".split()
)
"""Folders of a generated project, and words that would be taken for one."""

REQUIREMENTS = frozenset(
    "aiosqlite alembic annotated-types anyio argon2-cffi argon2-cffi-bindings asgi-lifespan "
    "asyncpg cashews celery celery-types coverage cronsim deprecated dnspython dramatiq "
    "email-validator fakeredis fastapi fastapi-cli fastgen graphql-core greenlet h11 httpcore "
    "httptools httpx httpx2 idna import-linter itsdangerous jinja2 kombu limits locust "
    "markdown-it-py mypy opentelemetry-api opentelemetry-exporter-otlp-proto-http "
    "opentelemetry-sdk ormsgpack packaging polyfactory pre-commit procrastinate prometheus-client "
    "psycopg pwdlib pydantic pydantic-core pydantic-extra-types pydantic-settings pyinstrument "
    "pyjwt pytest pytest-asyncio pytest-cov pytest-xdist python-dotenv python-multipart pyyaml "
    "redis rich ruff schemathesis sentry-sdk sniffio sqladmin sqlalchemy starlette "
    "strawberry-graphql structlog taskiq taskiq-fastapi taskiq-redis typer types-pyyaml "
    "typing-extensions uvicorn uvloop watchfiles websockets wrapt".split()
)
"""Distributions that a generated project may require."""

INDIRECT_REQUIREMENTS = frozenset(
    "aiomysql amqp annotated-doc asgiref ast-serialize attrs billiard blinker certifi cffi cfgv "
    "charset-normalizer click click-didyoumean click-plugins click-repl colorama croniter "
    "cross-web cryptography distlib execnet filelock flask gevent googleapis-common-protos grimp "
    "hatchling hiredis httpcore2 identify iniconfig invoke librt lupa mako markupsafe mdurl "
    "mypy-extensions nodeenv opentelemetry-exporter-http-transport "
    "opentelemetry-exporter-otlp-common opentelemetry-exporter-otlp-proto-common "
    "opentelemetry-proto opentelemetry-semantic-conventions pathspec pip platformdirs pluggy "
    "prompt-toolkit protobuf psutil psycopg-binary psycopg-pool pycparser pygments pymysql "
    "python-dateutil python-discovery pyzmq requests rich-toolkit setuptools shellingham "
    "sortedcontainers tomli tomlkit truststore typing-inspection tzdata tzlocal urllib3 uv vine "
    "virtualenv wcwidth werkzeug wtforms".split()
)
"""Distributions that these require in turn.

A project cannot depend on its own name, so it cannot have one of either. A resource can.
"""

WINDOWS_DEVICES = frozenset(
    ["aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)

RESOURCE_FILES = frozenset(
    "annotated big_integer boolean check_reference choice codec collection column cursor "
    "cursor_codec_dep cursor_params data date double exact foreign_key found i if_match_dep index "
    "j_s_o_n l mapping model o owned_rows_dep page_result path query read_session_dep repository "
    "request response router row row_scope rows security self sequence session_dep set_etag "
    "set_location status str_enum timestamp u_u_i_d versions web "
    # SQLAlchemy's names for parts of a declarative model.
    "base declarative_base func mapped mapped_column metadata registry relationship select session "
    # GraphQL's names for its root and its scalars, and its library.
    "date_time int64 int_64 mutation strawberry".split()
)
"""Variables and classes in the files of a resource, in the form of a resource's name."""

PYDANTIC = frozenset(
    "construct copy dict from_orm json model_computed_fields model_config model_construct "
    "model_copy model_dump model_dump_json model_extra model_fields model_fields_set "
    "model_json_schema model_parametrized_name model_post_init model_rebuild model_validate "
    "model_validate_json model_validate_strings mro parse_file parse_obj parse_raw register "
    "schema schema_json update_forward_refs validate".split()
)
"""The public attributes of `pydantic.BaseModel` and of its metaclass."""
PYDANTIC_PREFIXES = ("model_dump", "model_validate")
"""Pydantic warns about every field whose name begins like this."""

SQLALCHEMY = frozenset("awaitable_attrs metadata mro registry type_annotation_map".split())
"""The public attributes of a declarative model and of its class, and what its base configures."""

SYSTEM_COLUMNS = frozenset("cmax cmin ctid tableoid xmax xmin".split())
"""Columns that every table of PostgreSQL has."""

FIELDS = frozenset(
    # Columns of every resource.
    "created_at id owner_id updated_at version "
    # Query parameters and methods of its lists.
    "created_before created_from cursor filters page q size sort to_query "
    # Names in the bodies of its classes, which a field would shadow there.
    "any at_least at_most bool date datetime dict field float int list long_text mapped_column "
    "relationship short_text str "
    # Parameters of constructors, and a letter that looks like a digit.
    "cls kwargs l self with_places".split()
)
"""Names that every resource already has or uses."""

_PYTHON = frozenset(
    name.lower()
    for name in (*keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names, "test")
)


def is_python_word(word: str) -> bool:
    """Whether a word is a keyword, a soft keyword, or a module of the standard library."""
    return word in _PYTHON


def is_builtin(word: str) -> bool:
    return hasattr(builtins, word)


def reason(name: str) -> str:
    """The reason why no project or resource can have this name; empty if it can."""
    word = name.lower().replace("_", "-")
    if is_python_word(word.replace("-", "_")):
        return "Python uses that name"
    if word in REQUIREMENTS:
        return "the project depends on a distribution of that name"
    if word in LAYERS:
        return "a folder of the project has that name"
    if word in WINDOWS_DEVICES:
        return "it is a device name on Windows"
    return ""


def field_reason(name: str) -> str:
    """The reason why a field cannot have this name; empty if it can."""
    if keyword.iskeyword(name):
        return "it is a keyword of Python"
    if name in PYDANTIC or name.startswith(PYDANTIC_PREFIXES):
        return "pydantic's models have an attribute of that name"
    if name in SQLALCHEMY:
        return "SQLAlchemy's models have an attribute of that name"
    if name in SYSTEM_COLUMNS:
        return "every table of PostgreSQL has a column of that name"
    if name in FIELDS:
        return "the files of a resource use that name"
    return ""
