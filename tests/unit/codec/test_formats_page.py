from scripts.make_formats_page import PAGE, page


def test_the_page_of_formats_is_what_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m scripts.make_formats_page`"
