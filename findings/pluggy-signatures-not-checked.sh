#!/usr/bin/env bash
# pluggy registers hooks it cannot call, and drops arguments of a call that no hook declares.
#
# Versions: pluggy 1.7.0 (1.6.0 alike).
# Seen: (1) an implementation visit(*, url) is accepted on registration and fails with a
# TypeError at the first call. (2) visit(**values) is accepted and receives nothing.
# (3) An argument that the specification does not know, depht=2, is dropped without a word,
# though a missing one is warned of.
# Surprise: hooks are called with keywords only, so a keyword-only signature is the
# natural one to write, and registration is where pluggy promises to find mistakes.
# Contradicts: the documentation of registration, by which implementations are validated
# against their specification.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pluggy==1.7.0

cat > expected <<'EOF'
keyword-only | missing 1 required keyword-only argument: 'url'
any keyword | [{}]
misspelled | ['/']
EOF

cat > program.py <<'EOF'
import warnings

import pluggy

spec, impl = pluggy.HookspecMarker("demo"), pluggy.HookimplMarker("demo")

class Specification:
    @spec
    def visit(self, url): ...

class KeywordOnly:
    @impl
    def visit(self, *, url):
        return url

class AnyKeyword:
    @impl
    def visit(self, **values):
        return values

class Plain:
    @impl
    def visit(self, url):
        return url

def call(plugin, **arguments):
    manager = pluggy.PluginManager("demo")
    manager.add_hookspecs(Specification)
    manager.register(plugin)
    manager.check_pending()
    try:
        return manager.hook.visit(**arguments)
    except TypeError as error:
        return str(error).partition("visit() ")[2]

warnings.simplefilter("error")
print("keyword-only |", call(KeywordOnly(), url="/"))
print("any keyword |", call(AnyKeyword(), url="/"))
print("misspelled |", call(Plain(), url="/", depht=2))
EOF

venv/bin/python program.py > seen
diff -u expected seen
echo "seen as stated"
