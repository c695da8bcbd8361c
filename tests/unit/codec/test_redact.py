# ruff: noqa: E501 - log lines are as long as they are
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.agent.codec import CodecSettings, make_decoder
from shipper.agent.processor.redact import Redactor, RedactSettings
from shipper.agent.processor.secret_names import Secrecy, secrecy
from shipper.agent.processor.secret_values import clean_text, is_card

CANARY = "cAnArY42xyz"
REDACTOR = Redactor(RedactSettings())

SECRET_NAMES = [
    "password", "passwd", "pwd", "user_password", "userPassword", "PASSWORD", "db.password", "new_password", "secret",
    "client_secret", "clientSecret", "api_key", "apiKey", "API-KEY", "x-api-key", "apikey", "access_token", "accessToken",
    "refresh_token", "csrf_token", "csrftoken", "id_token", "token", "authorization", "proxy-authorization", "auth",
    "http_auth", "session", "sessionid", "session_id", "PHPSESSID", "JSESSIONID", "connect.sid", "cookie", "set-cookie",
    "credit_card", "creditCard", "card_number", "cardNumber", "cvv", "private_key", "aws_secret_access_key", "mysql_pwd",
    "credentials", "jwt", "otp", "ssn", "passphrase", "x_csrftoken", "user_session", "encryption_key", "principal",
]  # fmt: skip
INNOCENT_NAMES = [
    "author", "authority", "authentication_method", "discard", "discarded", "foreign_key", "primary_key", "public_key",
    "cache_key", "sort_key", "key", "keyboard", "monkey", "tokens", "max_tokens", "token_count", "token_type", "tokenizer",
    "next_page_token", "session_count", "session_duration", "sessions", "cardinality", "card_type", "scorecard_total",
    "postcard", "wildcard", "secretary", "passenger", "compass", "bypass", "password_reset", "password_length",
    "has_password_expired", "cookie_consent", "credit_limit", "partition_key", "oauth_provider", "inside", "user.name",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_field_with_a_secret_name_is_masked_wherever_it_stands(name: str) -> None:
    document = {"labels": {name: CANARY}, "custom": {"deep": [{name: CANARY}]}, name: CANARY}
    assert REDACTOR.clean(document) == 3
    assert CANARY not in str(document)


@pytest.mark.parametrize("name", INNOCENT_NAMES)
def test_a_name_that_only_resembles_a_secret_stays(name: str) -> None:
    document = {"labels": {name: CANARY}}
    assert REDACTOR.clean(document) == 0
    assert document == {"labels": {name: CANARY}}


SECRET_TEXTS = [
    f"login with password={CANARY} failed", f'{{"password": "{CANARY} with spaces"}}', f"password: {CANARY}",
    f"GET /a?page=2&access_token={CANARY}&q=1", f"Authorization: Bearer {CANARY}", f"Authorization: Basic {CANARY}==",
    f"authorization=Bearer {CANARY}", f"postgres://bob:{CANARY}@db/shop", f"redis://:{CANARY}@cache:6379/0",
    f"https://u:{CANARY}@{CANARY}@h/", f"Cookie: a={CANARY}; b={CANARY}", f"set-cookie: sid={CANARY}; Path=/",
    f"curl -u x --password {CANARY} http://h", f"--api-key={CANARY}", f'event {{\\"secret\\":\\"{CANARY}\\"}}',
    f"KeyError: bad token={CANARY}", f"Bearer {CANARY}", f"pwd='{CANARY}'", f'apiKey => "{CANARY}"',
    f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----", f"user[password]={CANARY}",
    f"query: token={CANARY}", f'ERROR:root:password="{CANARY}"', f'a=b=c=d=e=f=g=h=i=j=password="{CANARY}"',
    f"password={'x' * 9000}{CANARY}", f"PGPASSWORD={CANARY} psql", f"url=/login?user=bob&password={CANARY}",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_a_secret_in_text_is_masked(text: str) -> None:
    clean, count = clean_text(text, lambda _name: False)
    assert CANARY not in clean
    assert count
    assert clean_text(clean, lambda _name: False) == (clean, 0)


SHAPES = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "ghp_" + "a1B2" * 9, "github_pat_" + "a1B2" * 9,
    "AKIAIOSFODNN7EXAMPLE", "xoxb-123456789012-abcdef", "sk_live_" + "a1B2" * 6, "glpat-" + "a1B2" * 5,
    "AIza" + "a1B2c3D" * 5, "npm_" + "a1B2" * 9, "4111 1111 1111 1111", "4111-1111-1111-1111", "5555555555554444",
    "378282246310005",
]  # fmt: skip


@pytest.mark.parametrize("secret", SHAPES)
def test_a_well_known_shape_is_masked_in_text(secret: str) -> None:
    for text in (f"using {secret} now", f'{{"x":"{secret}"}}', secret):
        clean, count = clean_text(text, lambda _name: False)
        assert secret not in clean
        assert count == 1


INNOCENT_TEXTS = [
    "order 1767323056255123456 placed at 1767323056", "trace 4bf92f3577b34da6a3ce929d0e0e4736", "4111111111111112 is no card",
    "unexpected token: }", "basic authentication is needed", "auth: failed for user bob", "session: opened",
    'FATAL: password authentication failed for user "sherlock"', "the author=melville of moby", "page=2&size=10&sort=key",
    "https://shop.example:8080/cart?page=2", "span 00f067aa0ba902b7 id 6011-22", "at 10:20:30 user@example.com wrote", "max_tokens=4096",
    "status installed python3-jwt:all 2.6.0-1", "install gir1.2-secret-1:amd64 <none> 0.20.5-3",
]  # fmt: skip


@pytest.mark.parametrize("text", INNOCENT_TEXTS)
def test_innocent_text_stays_as_it_is(text: str) -> None:
    assert clean_text(text, lambda _name: False) == (text, 0)


@pytest.mark.parametrize(
    "text",
    ["passwd[7]: pam_unix(passwd:chauthtok): password changed for ann", "ann's password: changed", "token: none", "token=none", "Token: expired.",
     "password=", 'password=""', "password=<empty>", "api_key=null", "Password: must have 12 characters", "secret=- user=ann", "pwd: n/a", "ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/ls"],
)  # fmt: skip
def test_what_is_said_of_a_secret_is_none(text: str) -> None:
    assert clean_text(text, lambda _: False) == (text, 0)


@pytest.mark.parametrize(
    "text",
    ["password=changed", 'password: "changed"', "password: changed7", "{'token': 'expired'}", "passwd:chauthtok7", "passwd[7]: hunter2", "passwd: pam_unix", "PWD=hunter2", "pwd=/hunter2", "pwd:changed", "token: nonesuch",
     "password: Changed", "password => reset", "Authorization: Bearer none7x", '"password": reset'],
)  # fmt: skip
def test_a_value_that_only_resembles_such_a_word_is_masked(text: str) -> None:
    assert clean_text(text, lambda _: False)[1] == 1


def test_a_query_string_loses_only_the_values_of_its_secret_names() -> None:
    clean, _ = clean_text("/login?user=bob&password=hunter2&s=302", lambda _name: False)
    assert clean == "/login?user=bob&password=[REDACTED]&s=302"


def test_numbers_in_json_are_never_taken_for_cards() -> None:
    document = {"labels": {"order": 4111111111111111}}
    assert REDACTOR.clean(document) == 0


@pytest.mark.parametrize(
    ("number", "valid"),
    [("4111111111111111", True), ("4111111111111112", False), ("1111111111111117", False), ("30569309025904", True)],
)
def test_a_card_has_an_issuer_a_length_and_a_check_digit(number: str, valid: bool) -> None:
    assert is_card(number) is valid


@pytest.mark.parametrize(
    "text", [*SECRET_TEXTS, *SHAPES, *(f"{name}={CANARY}" for name in SECRET_NAMES if secrecy(name) is Secrecy.HARD)]
)
def test_the_prefilter_misses_nothing_that_is_found(text: str) -> None:
    for line in (text.encode(), orjson.dumps({"m": text}), text.upper().encode()):
        assert REDACTOR.places(b"innocent\n" + line + b"\n"), line


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_the_prefilter_finds_every_secret_name_in_json(name: str) -> None:
    assert REDACTOR.places(orjson.dumps({name: CANARY}))


def test_the_prefilter_passes_ordinary_lines() -> None:
    assert (
        REDACTOR.places(b'{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"order 17 placed"}\n')
        == []
    )


def test_names_of_a_users_own_are_masked_in_any_spelling_and_names_to_keep_stay() -> None:
    redactor = Redactor(RedactSettings(names=("customer_iban",), keep=("session_id",)))
    document: dict[str, Any] = {
        "labels": {"customerIban": CANARY, "session_id": "s-1"},
        "message": f"customer-iban={CANARY}",
    }
    assert redactor.clean(document) == 2
    assert document["labels"]["session_id"] == "s-1"
    assert CANARY not in str(document)
    assert redactor.places(b"customer-iban=x")


def test_arguments_after_a_secret_option_are_masked() -> None:
    document = {"process": {"args": ["mysql", "--password", CANARY, "-h", "db"]}}
    assert REDACTOR.clean(document) == 1
    assert document["process"]["args"] == ["mysql", "--password", "[REDACTED]", "-h", "db"]


@pytest.mark.parametrize("unit", ["a=", "x=y:", "a=b ", '"', "\\", "://", "eyJ", 'a="', "1234 ", "-a ", "Bearer "])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    clean_text(unit * 20_000, lambda _name: False)


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once, _ = clean_text(text, lambda _name: False)
    assert clean_text(once, lambda _name: False)[0] == once


LINES = [
    f'{{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"x","ecs.version":"1.6.0","password":"{CANARY}"}}',
    f'{{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"x","ecs.version":"1.6.0","event.original":"password={CANARY}"}}',
    f'{{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info","message":"x","ecs.version":"1.6.0","p\\u0061ssword":"{CANARY}"}}',
    f'{{"level":30,"time":1767323056255,"msg":"x","req":{{"method":"GET","url":"/a?token={CANARY}","headers":{{"authorization":"Basic {CANARY}"}}}}}}',
    f'2026-01-01 00:00:00,000 ERROR shop login failed\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: password={CANARY}',
    f'1.2.3.4 - - [02/Jan/2026:03:04:26 +0000] "GET /login?user=bob&password={CANARY} HTTP/1.1" 200 2 "https://a/?token={CANARY}" "-"',
    f"2026-01-01T00:00:00.5Z stdout P password={CANARY[:5]}\n2026-01-01T00:00:01.5Z stdout F {CANARY[5:]}",
    f'{{"log":"api_key={CANARY}\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}}',
    f"plain text with secret={CANARY}",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_no_secret_leaves_the_decoder_in_any_format(line: str) -> None:
    decoder = make_decoder(CodecSettings(timezone="UTC"), fallback_time=1e9)
    parts = [decoder.feed(line.encode() + b"\n"), decoder.flush()]
    out = b"".join(d if isinstance(d, bytes) else orjson.dumps(d) for part in parts for d in part.each())
    assert CANARY.encode() not in out
    assert CANARY[5:].encode() not in out
    assert sum(part.counts.get("redacted", 0) for part in parts)


def test_redaction_can_be_switched_off() -> None:
    decoder = make_decoder(CodecSettings(redact=RedactSettings(enabled=False)), fallback_time=1e9)
    assert CANARY in str([decoder.feed(f"password={CANARY}\n".encode()).each(), decoder.flush().each()])


@pytest.mark.parametrize("names", [("*",), ("",)])
def test_a_name_without_letters_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at least one letter"):
        RedactSettings(names=names)
