"""How programs here reach Elasticsearch: one settings model, one way to connect, one way to explain failures.

`info()` and `ping()` are never called: the local server core answers `GET /` with 405. Versions come from
`shipper.elastic.capability`.
"""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import elasticsearch
from elastic_transport import TlsError
from elastic_transport.client_utils import parse_cloud_id
from elasticsearch import Elasticsearch
from elasticsearch.serializer import OrjsonSerializer

from shipper.config import Duration, Secret, Settings
from shipper.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shipper.home import Endpoints


_PACKAGE = Path(__file__).parents[1]


class ClientSettings(Settings, frozen=True):
    """Where a cluster is and who we are there; either `url` or `cloud_id`, either a password or an API key."""

    url: str | list[str] | None = None
    cloud_id: str | None = None
    user: str | None = None
    password: Secret | None = None
    api_key: Secret | None = None
    ca_file: Path | None = None
    verify_tls: bool = True
    timeout: Duration = Duration(30)
    retries: int = 3
    """How often a request is sent again after a connection error; an answer, of any status, is never retried here."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if (self.url is None) == (self.cloud_id is None):
            raise ValueError("give either `url` or `cloud_id`")
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")
        if self.user is not None and self.api_key is not None:
            raise ValueError("give either `user` and `password` or `api_key`")
        for url in self.urls:
            if not _is_address(url):
                raise ValueError(f"`url` must look like https://host:9200, not {without_password(url)!r}")
        if self.cloud_id is not None and not _is_cloud_id(self.cloud_id):
            raise ValueError("`cloud_id` must be as Elastic Cloud shows it: NAME:BASE64")
        if self.timeout <= 0 or self.retries < 0:
            raise ValueError("`timeout` must be above 0 and `retries` 0 or more")

    @property
    def urls(self) -> list[str]:
        """The addresses as a list."""
        return [self.url] if isinstance(self.url, str) else list(self.url or ())

    @property
    def place(self) -> str:
        """The cluster's name in messages; no secret in it."""
        return ", ".join(map(without_password, self.urls)) or f"cloud {str(self.cloud_id).partition(':')[0]}"


def from_url(url: str, user: str | None = None, password: Secret | None = None) -> ClientSettings:
    """Settings from one address; `http://user:password@host:port` is understood.

    Raises:
        UsageError: it is not an http(s) address.
    """
    try:
        parts = urlsplit(url)
        if parts.username is not None and user is None:
            user, password = unquote(parts.username), Secret(unquote(parts.password or ""))
        return ClientSettings(url=without_password(url), user=user, password=password)
    except ValueError as error:
        raise UsageError(str(error), hint="write it as https://host:9200") from error


def for_role(endpoints: Endpoints, role: str) -> ClientSettings:
    """Settings for `role` on the local stack.

    Raises:
        UnavailableError: this installation has no account for the role.
    """
    account = endpoints.account(role)
    return ClientSettings(url=endpoints.hosts, user=account.user, password=Secret(account.password))


def connect(settings: ClientSettings) -> Elasticsearch:
    """A client for `settings`; nothing is sent yet. Close it, or use it as a context manager."""
    options: dict[str, Any] = {
        "request_timeout": float(settings.timeout),
        "max_retries": settings.retries,
        "retry_on_timeout": False,  # a slow write may have happened: its caller decides
        "retry_on_status": (),
        "serializer": OrjsonSerializer(),  # decoding is most of the work of a feed
    }
    if settings.cloud_id is not None:
        options["cloud_id"] = settings.cloud_id
    else:
        options["hosts"] = [_with_port(url) for url in settings.urls]
    if settings.user is not None and settings.password is not None:
        options["basic_auth"] = (settings.user, settings.password.reveal())
    if settings.api_key is not None:
        options["api_key"] = settings.api_key.reveal()
    if settings.cloud_id is not None or any(url.startswith("https") for url in settings.urls):
        options["verify_certs"] = settings.verify_tls
        options["ssl_show_warn"] = settings.verify_tls
        if settings.ca_file is not None:
            options["ca_certs"] = str(settings.ca_file)
    return Elasticsearch(**options)


@contextlib.contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn the client's exceptions into errors for people; `place` is `ClientSettings.place`. Also a decorator.

    Raises:
        UnavailableError: unreachable, TLS refused, too slow, the account may not, or JSON without what Elasticsearch
            puts there (a proxy that passes the product header on and answers by itself).
        UsageError: Elasticsearch refused the request itself, or it is not Elasticsearch.
    """
    try:
        yield
    except TlsError as error:
        if "WRONG_VERSION_NUMBER" in str(error.message):
            raise UnavailableError(
                "what answers there speaks no TLS", where=place, hint="write http://, or the port that speaks TLS"
            ) from error
        raise UnavailableError(
            f"the TLS certificate was not accepted: {error.message}",
            where=place,
            hint="name the authority's certificate with `ca_file`",
        ) from error
    except elasticsearch.ConnectionTimeout as error:
        raise UnavailableError(
            "Elasticsearch did not answer in time", where=place, hint="raise `timeout`, or look at the cluster's load"
        ) from error
    except elasticsearch.SerializationError as error:
        raise UnavailableError(
            f"the answer is not whole, or no JSON: {error.message}", where=place, hint="look at what stands between"
        ) from error
    except elasticsearch.TransportError as error:
        raise UnavailableError(
            f"Elasticsearch cannot be reached: {error.message}",
            where=place,
            hint="run `shipper stack status`; `shipper stack up` starts the local one",
        ) from error
    except elasticsearch.UnsupportedProductError as error:
        raise UsageError("what answers there is not Elasticsearch", where=place, hint="check the address") from error
    except elasticsearch.ApiError as error:
        raise _explain_answer(error, place) from error
    except (LookupError, TypeError, AttributeError) as error:  # how reading an answer of another shape ends
        raise UnavailableError(
            f"the answer is not one that Elasticsearch gives: {type(error).__name__} {error} in {_innermost(error)}",
            where=place,
            hint="look at what stands between; if that is Elasticsearch itself, report this message to us",
        ) from error


def _innermost(error: BaseException) -> str:
    """`file.py:line` of the last line of ours on the way to it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


def _explain_answer(error: elasticsearch.ApiError, place: str) -> UnavailableError | UsageError:
    reason = answer_reason(error)
    if error.status_code == 401:
        return UnavailableError(
            "Elasticsearch does not know this user or password",
            where=place,
            hint="check `user` and `password`; after `shipper stack down` another one may answer there: "
            "see `shipper stack status`",
        )
    if error.status_code == 403:
        return UnavailableError(
            f"the account may not do this: {reason}", where=place, hint="see docs/operations/roles.md for who may what"
        )
    if error.status_code == 429 or error.status_code >= 500:
        return UnavailableError(
            f"Elasticsearch is not able to now ({error.status_code}): {reason}", where=place, hint="try again later"
        )
    return UsageError(f"Elasticsearch refused the request ({error.status_code}): {reason}", where=place)


def answer_reason(error: elasticsearch.ApiError) -> str:
    """The `reason` inside an error answer, or the whole answer."""
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return str(body["error"].get("reason", body["error"]))
    return str(body)


def failure(error: elasticsearch.ApiError | elasticsearch.TransportError) -> str:
    """Why a request failed, in one line for a log: what the cluster answered (such as the privilege it misses)."""
    if isinstance(error, elasticsearch.ApiError):
        return f"{error.status_code}: {answer_reason(error)}"
    return str(error.message)


def refresh(client: elasticsearch.Elasticsearch, index: str) -> None:
    """Make what was just written visible, as far as the account may: who may only read sees it a second later."""
    with contextlib.suppress(elasticsearch.AuthorizationException):
        client.indices.refresh(index=index, ignore_unavailable=True)


def without_password(url: str) -> str:
    """The address without `user:password@`."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that do not match
        return url.rpartition("@")[2]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, brackets that do not match
        return False


def _is_cloud_id(text: str) -> bool:
    try:
        parse_cloud_id(text)
    except (ValueError, IndexError):
        return False
    return True


def _with_port(url: str) -> str:
    parts = urlsplit(url)
    if parts.port is not None:
        return url
    port = 443 if parts.scheme == "https" else 9200
    return parts._replace(netloc=f"{parts.netloc}:{port}").geturl()
