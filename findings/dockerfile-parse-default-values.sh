#!/usr/bin/env bash
# dockerfile-parse reads "python:${V:-3.12}-slim" as "python::-3.12}-slim".
#
# Versions: dockerfile-parse 2.0.1.
# Seen: of a variable with a default the name is replaced and the rest kept, brace
# included: the base image of FROM python:${V:-3.12}-slim is "python::-3.12}-slim", with
# ARG V=3.13 before it "python:3.13:-3.12}-slim"; ENV values and labels suffer the same. An ARG
# that uses another one is not resolved at all.
# Surprise: a check that an image is pinned, or the replacement of a registry's name,
# works on a name that no registry has, and no error or warning tells.
# Contradicts: the reference of Dockerfiles, which has ${variable:-word} and
# ${variable:+word} and resolves variables in ARG; the package replaces variables by default.
# Way out: env_replace=False and resolving by other means.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dockerfile-parse==2.0.1

cat > expected <<'EOF'
FROM python:${V:-3.12}-slim | baseimage: python::-3.12}-slim
ARG V=3.13; FROM python:${V:-3.12}-slim | baseimage: python:3.13:-3.12}-slim
ARG V=3.13; FROM python:${V}-slim | baseimage: python:3.13-slim
ARG V=3.13; ARG TAG=$V-slim; FROM python:$TAG | baseimage: python:$V-slim
FROM python; ENV HOME=${BASE:-/srv} | HOME: :-/srv}
FROM python; ENV DEBUG=1 MODE=production; ENV LEVEL=${DEBUG:+verbose} | LEVEL: 1:+verbose}
EOF

cat > program.py <<'EOF'
import io

from dockerfile_parse import DockerfileParser

def parsed(text):
    return DockerfileParser(fileobj=io.BytesIO(text.replace("; ", "\n").encode()))

for text in (
    "FROM python:${V:-3.12}-slim",
    "ARG V=3.13; FROM python:${V:-3.12}-slim",
    "ARG V=3.13; FROM python:${V}-slim",
    "ARG V=3.13; ARG TAG=$V-slim; FROM python:$TAG",
):
    print(text, "| baseimage:", parsed(text).baseimage)
for text, name in (
    ("FROM python; ENV HOME=${BASE:-/srv}", "HOME"),
    ("FROM python; ENV DEBUG=1 MODE=production; ENV LEVEL=${DEBUG:+verbose}", "LEVEL"),
):
    print(text, "|", f"{name}:", parsed(text).envs[name])
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
