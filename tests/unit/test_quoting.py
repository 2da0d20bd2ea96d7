import ast
import io
import tomllib

from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fastgen.rendering.quoting import dotenv, markdown, markdown_line, python, quoted, toml

ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
SYNTAX = st.text(" \t\n\r\\\"'`{}[]()<>%$#&|~*_+-=:;,.!?/0a\u2028\U0001f600")
TEXT = ANY | SYNTAX


@given(TEXT)
@example("${HOME} {{ x }} {% y %} %(z)s")
def test_python(text: str) -> None:
    literal = python(text)

    assert ast.literal_eval(literal) == text
    assert "\n" not in literal


@given(TEXT)
def test_python_has_the_quotes_that_need_fewer_escapes(text: str) -> None:
    escapes = text.count(python(text)[0])

    assert escapes == min(text.count('"'), text.count("'"))


@given(TEXT)
def test_toml(text: str) -> None:
    assert tomllib.loads(f"key = {toml(text)}") == {"key": text}


@given(TEXT)
@example("${HOME}")
@example("a ${b:-c} $d")
def test_dotenv(text: str) -> None:
    assert dotenv_values(stream=io.StringIO(f"KEY={dotenv(text)}\n")) == {"KEY": text}


# The parser trims further blanks than Markdown does, so that these cannot be judged by it.
PRINTED = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], include_characters=" \t\n\r\f")
)


@given((PRINTED | st.text(" \t\n\\`*_{}[]()<>#+-.!&|~$=:'\"10a")).filter(str.strip))
def test_markdown(text: str) -> None:
    assert shown(markdown(text), "paragraph") == text


@given((PRINTED | st.text(" \t\n\\`*_{}[]()<>#+-.!&|~$=:'\"10a")).filter(str.strip))
def test_markdown_in_a_heading(text: str) -> None:
    assert shown(f"# {markdown_line(text)}", "heading") == text


def shown(source: str, block: str) -> str:
    """The text that a reader sees of a document with one block."""
    tokens = MarkdownIt("gfm-like").disable("linkify").parse(source)
    assert [token.type for token in tokens] == [f"{block}_open", "inline", f"{block}_close"]
    parts = tokens[1].children or []
    assert {part.type for part in parts} <= {"text", "text_special", "softbreak"}
    return "".join("\n" if part.type == "softbreak" else part.content for part in parts)


def test_plain_text_stays_as_it_is() -> None:
    text = "Orders, stock & prices (v2.0) - for all shops!"

    assert markdown(text) == text.replace("&", "\\&")
    assert quoted(text)["text"] == text
