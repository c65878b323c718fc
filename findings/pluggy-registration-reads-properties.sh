#!/usr/bin/env bash
# Registering a plugin object with pluggy 1.6 evaluates its properties; 1.7 leaves them alone.
#
# Versions: pluggy 1.6.0 and 1.7.0.
# Seen: a plugin with a property "session" that is not a hook. On register() pluggy 1.6.0
# reads the property, so its code runs; where it raises, the registration fails with
# that error. pluggy 1.7.0 registers the object without reading it.
# Surprise: a lazily opened connection is opened by merely registering the plugin, and a
# property that is not ready yet keeps the whole plugin out; only on one of two versions
# that satisfy the same requirement.
# Contradicts: the documentation, by which registration looks for marked functions.
# Way out on 1.6: hold such values in methods, or register an object that has hooks only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pluggy==1.6.0

cat > expected <<'EOF'
1.6.0 | RuntimeError('not opened yet')
1.7.0 | ['visited']
EOF

cat > program.py <<'EOF'
import importlib.metadata

import pluggy

spec, impl = pluggy.HookspecMarker("demo"), pluggy.HookimplMarker("demo")

class Specification:
    @spec
    def visit(self): ...

class Plugin:
    @property
    def session(self):
        raise RuntimeError("not opened yet")

    @impl
    def visit(self):
        return "visited"

version = importlib.metadata.version("pluggy")
manager = pluggy.PluginManager("demo")
manager.add_hookspecs(Specification)
try:
    manager.register(Plugin())
    print(version, "|", manager.hook.visit())
except RuntimeError as error:
    print(version, "|", repr(error))
EOF

{
    venv/bin/python program.py
    venv/bin/pip install --quiet --disable-pip-version-check pluggy==1.7.0
    venv/bin/python program.py
} > seen
diff -u expected seen
echo "seen as stated"
