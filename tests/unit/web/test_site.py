import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from shipper.errors import UnavailableError, UsageError
from shipper.web import NO_QUERY, Body, Page, Query, Site

HOSTILE = "<script>alert(1)</script>\"'&"


def greet(query: Query) -> Markup:
    return Markup("<p>hello {}</p>").format(query.one("name", "you"))


def site(*pages: Page) -> Site:
    return Site(pages or (Page("/hello", "Hello", greet),))


def test_the_query_keeps_every_value_in_order():
    query = Query.parse("a=1&b=2&b=&b=3")
    assert query.one("a") == "1"
    assert query.many("b") == ("2", "3")
    assert query.one("absent", "default") == "default"


def test_a_query_beyond_the_cap_is_a_bad_request():
    assert site().respond("/hello?" + "a" * 5000).status == 400


def test_a_query_of_too_many_fields_is_a_bad_request():
    assert site().respond("/hello?" + "&".join(f"a{n}=1" for n in range(200))).status == 400


@given(st.text(max_size=300))
def test_any_query_text_is_answered_and_never_marked_up(text: str):
    body = site().respond("/hello?" + text.replace("#", "").replace("\n", "")).body.decode()
    assert "<p>hello <" not in body


def test_the_first_page_stands_at_the_root():
    assert b"hello you" in site().respond("/").body


def test_an_unknown_path_is_404_inside_the_frame():
    response = site().respond("/nowhere")
    assert response.status == 404
    assert b"There is no such page" in response.body
    assert b'href="/hello"' in response.body


def test_text_that_is_not_marked_safe_is_escaped():
    plain = Page("/p", "P", lambda _: HOSTILE)  # type: ignore[arg-type, return-value]  # the mistake under test
    assert HOSTILE.encode() not in site(plain).respond("/p").body


def test_titles_are_escaped():
    assert HOSTILE.encode() not in site(Page("/p", HOSTILE, greet)).respond("/p").body


def test_the_policy_names_the_nonce_of_the_page_style_and_no_inline_script():
    page = Page("/p", "P", lambda _: Body(Markup("x"), style=".q{color:red}"))
    response = site(page).respond("/p")
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<style nonce="{nonce.group(1)}">.q{{color:red}}</style>' in response.body.decode()
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_each_answer_has_its_own_nonce():
    one, two = (site().respond("/hello").headers["Content-Security-Policy"] for _ in range(2))
    assert one != two


def test_nothing_on_the_page_leaves_this_machine():
    shown = site().respond("/hello").body + site().respond("/static/site.css").body
    shown += site().respond("/static/site.js").body
    assert b"http://" not in shown
    assert b"https://" not in shown
    assert b'="//' not in shown


def test_a_fragment_is_the_inside_alone():
    assert site().respond("/hello?fragment=1").body == b"<p>hello you</p>"


@pytest.mark.parametrize(
    ("error", "status"),
    [(UsageError("no such field", hint="see <b>"), 400), (UnavailableError("not there", where="<i>host"), 503)],
)
def test_an_error_for_people_is_shown_in_the_frame(error: UsageError | UnavailableError, status: int):
    def broken(_: Query) -> Markup:
        raise error

    response = site(Page("/b", "B", broken)).respond("/b")
    assert response.status == status
    assert error.message.encode() in response.body
    assert b"<b>" not in response.body
    assert b"<i>" not in response.body


def test_a_site_refuses_two_pages_with_one_path():
    with pytest.raises(UsageError, match="different paths"):
        site(Page("/a", "A", greet), Page("/a", "B", greet))


def test_a_standalone_file_holds_everything_and_allows_only_that():
    text = site().standalone(site().pages[0], NO_QUERY)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy is not None
    assert script is not None
    assert style is not None
    for block in (script, style):
        digest = base64.b64encode(hashlib.sha256(block.group(1).encode()).digest()).decode()
        assert f"sha256-{digest}" in policy.group(1).replace("&#43;", "+")
    assert "/static/" not in text


def test_an_address_that_is_none_is_a_bad_request_not_a_fault():
    assert site().respond("http://[").status == 400
