#!/usr/bin/env bash
# dockerfile-parse: a stage that builds on an earlier one has none of its ENV, LABEL and CMD.
#
# Versions: dockerfile-parse 2.0.1.
# Seen: of FROM python AS base, with an ENV, a LABEL and a CMD, and FROM base AS final the
# parser gives the environment of final as {}, its labels as {}, its CMD as None, and
# "base" for the image. A value that uses an inherited variable loses it: PATH=/app:$FIRST
# becomes "/app:".
# Surprise: a test that the image runs with a variable or as a labelled image fails
# although it does, and one that it carries no variable passes although it does.
# Contradicts: the reference of Dockerfiles: a stage inherits what the image it builds on has
# set. Of cmd the package says that earlier stages are ignored, of envs and labels only that
# they are those of the Dockerfile.
# Way out: context_structure, which has the values of every line, joined by hand.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dockerfile-parse==2.0.1

cat > expected <<'EOF'
one stage | image python | envs {'FIRST': '/usr/bin', 'PATH': '/app:/usr/bin'} | labels {'owner': 'team'} | cmd serve
two stages | image base | envs {'PATH': '/app:'} | labels {} | cmd None
EOF

cat > program.py <<'EOF'
import io

from dockerfile_parse import DockerfileParser

FIRST = "ENV FIRST=/usr/bin\nLABEL owner=team\nCMD serve\n"
LAST = "ENV PATH=/app:$FIRST\n"
for name, text in (
    ("one stage", f"FROM python\n{FIRST}{LAST}"),
    ("two stages", f"FROM python AS base\n{FIRST}FROM base AS final\n{LAST}"),
):
    parser = DockerfileParser(fileobj=io.BytesIO(text.encode()))
    print(name, "| image", parser.baseimage, "| envs", dict(parser.envs), "| labels", dict(parser.labels), "| cmd", parser.cmd)
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
