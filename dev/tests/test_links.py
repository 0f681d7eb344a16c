"""Links of Markdown files, and the anchors that GitHub gives headings."""

import pytest

from dev import links

OTHER = """\
# One `name` & another
## Twice
## Twice
<a id="by-hand"></a>
```sh
# a comment, no heading
```
### [A link](https://somewhere.example) – *ends*
"""
LINES = (
    ("[fine](other.md)", ""),
    ("[fine](docs/../other.md#one-name--another)", ""),
    ("[fine](other.md#twice-1) and [fine](other.md#by-hand)", ""),
    ("[fine](other.md#a-link--ends)", ""),
    ("![fine](<a picture.png> 'title')", ""),
    ("[fine](docs/)", ""),
    ("[elsewhere](https://somewhere.example/x#y), [mail](mailto:a@b.example)", ""),
    ("`[code](gone.md)` and ``[`code`](gone.md)``", ""),
    ("[here](#here)", "page.md has no heading for it"),
    ("[gone](gone.md)", "no such file"),
    ("[gone](other.md#twice-2)", "other.md has no heading for it"),
    ("[gone](other.md#a-comment-no-heading)", "other.md has no heading for it"),
    ("![gone](gone.png)", "no such file"),
    ("[![gone](gone.png)](other.md)", "no such file"),
    ("[![fine](docs/)](gone.md)", "no such file"),
    ('<img src="gone.png" alt="">', "no such file"),
    ("[ref]: gone.md", "no such file"),
    ("[root](/other.md)", "not from the root"),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "other.md").write_text(OTHER)
    (tmp_path / "a picture.png").touch()
    (tmp_path / "docs").mkdir()
    links.anchors.cache_clear()
    return tmp_path


@pytest.mark.parametrize(("line", "fault"), LINES)
def test_link_that_leads_nowhere_is_told_with_its_line(folder, line, fault):
    page = folder / "page.md"
    page.write_text(f"# Page\n\n~~~\n[code](gone.md)\n~~~\n{line}\n")
    found = list(links.faults(page))
    if fault:
        assert len(found) == 1
        assert found[0].startswith(f"{page}:6: ")
        assert fault in found[0]
    else:
        assert found == []


def test_faults_of_all_files_are_printed_and_set_the_code(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "page.md").write_text("[gone](gone.md)\n")
    assert links.main(["other.md"]) == 0
    assert links.main(["other.md", "page.md"]) == 1
    assert capsys.readouterr().out.strip() == "page.md:1: gone.md: no such file"
