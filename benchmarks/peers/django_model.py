"""The app's contacts as a model of Django, and what of it django-import-export imports."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.peers import COLUMNS


def import_csv(url: str, path: Path, **options: Any) -> None:
    """With *options* of the resource's Meta. Raises what django-import-export raises."""
    model = _model(url)

    from import_export.resources import modelresource_factory
    from tablib import Dataset

    meta = {"import_id_fields": ("phone",), "fields": COLUMNS, **options}
    resource = modelresource_factory(model, meta_options=meta)()
    dataset = Dataset().load(path.read_text(encoding="utf-8"), format="csv")
    resource.import_data(dataset, raise_errors=True, use_transactions=True)


@cache
def _model(url: str) -> Any:
    """Django can be set up once in a process, for one database."""
    import django
    from django.conf import settings

    at = urlsplit(url)
    where: dict[str, Any] = {"NAME": at.path.lstrip("/"), "USER": at.username, "PASSWORD": at.password}
    where |= {"HOST": at.hostname, "PORT": at.port, "ENGINE": "django.db.backends.postgresql"}
    settings.configure(DATABASES={"default": where}, INSTALLED_APPS=["import_export"], USE_TZ=True)
    django.setup()
    from django.db import models

    fields = {name: models.TextField(null=True) for name in COLUMNS}
    about = type("Meta", (), {"app_label": "import_export", "db_table": "contacts", "managed": False})
    key = models.UUIDField(primary_key=True, db_default=models.Func(function="gen_random_uuid"))
    return type("Contact", (models.Model,), {"__module__": __name__, "Meta": about, "id": key, **fields})
