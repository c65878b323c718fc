#!/usr/bin/env bash
# A second build with sphinx-llms-txt publishes the pages that are marked to be left out.
#
# Versions: sphinx-llms-txt 0.7.1, Sphinx 9.0.4.
# Seen: a page with ":llms-txt-ignore: true" is in neither file of the first build. A second
# build, with nothing changed or with another page changed, lists it in llms.txt and puts its
# text into llms-full.txt. When nothing changed, the summary, taken from the first paragraph
# of the index, is gone from llms.txt. Blocks between llms-txt-ignore-start and -end stay out.
# Surprise: what is published depends on whether the machine kept the last build's folder,
# and says nothing: a clean build in CI proves that the page is left out.
# Contradicts: what the package says of itself, that it handles marks on pages and on blocks.
# A page's mark is seen only when Sphinx writes the page, and it writes only what changed.
# Way out: llms_txt_exclude and llms_txt_summary in conf.py, or sphinx-build --fresh-env.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sphinx-llms-txt==0.7.1 Sphinx==9.0.4

cat > expected <<'EOF'
first build | summary: yes | marked page in llms.txt: no | in llms-full.txt: no | block in llms-full.txt: no
second build | summary: no | marked page in llms.txt: yes | in llms-full.txt: yes | block in llms-full.txt: no
another page changed | summary: yes | marked page in llms.txt: yes | in llms-full.txt: yes | block in llms-full.txt: no
build from scratch | summary: yes | marked page in llms.txt: no | in llms-full.txt: no | block in llms-full.txt: no
EOF

cat > program.py <<'EOF'
import pathlib, subprocess

docs = pathlib.Path("docs")
docs.mkdir()
(docs / "conf.py").write_text('project = "Demo"\nextensions = ["sphinx_llms_txt"]\n')
(docs / "index.rst").write_text("Demo\n====\n\nWhat it is about.\n\n.. toctree::\n\n   internal\n   guide\n")
(docs / "internal.rst").write_text(":llms-txt-ignore: true\n\nInternal\n========\n\nText of the marked page.\n")
(docs / "guide.rst").write_text("Guide\n=====\n\n.. llms-txt-ignore-start\n\nText of the block.\n\n.. llms-txt-ignore-end\n\nThe end.\n")

def build(step, *options):
    subprocess.run(["venv/bin/sphinx-build", "-q", *options, "docs", "built"], check=True)
    short, full = (pathlib.Path("built", name).read_text() for name in ("llms.txt", "llms-full.txt"))
    found = {
        "summary": "What it is about." in short,
        "marked page in llms.txt": "Internal" in short,
        "in llms-full.txt": "Text of the marked page." in full,
        "block in llms-full.txt": "Text of the block." in full,
    }
    print(step, *(f"{what}: {'yes' if there else 'no'}" for what, there in found.items()), sep=" | ")

build("first build")
build("second build")
with (docs / "guide.rst").open("a") as guide:
    guide.write("\nMore.\n")
build("another page changed")
build("build from scratch", "--fresh-env", "--write-all")
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
