#!/usr/bin/env bash
# A hook implementation's default argument: pluggy 1.6 never passes the value, 1.7 does.
#
# Versions: pluggy 1.6.0 and 1.7.0.
# Seen: an implementation visit(url, depth=0) is called with url and depth=2. Under 1.6.0
# it always sees depth 0, under 1.7.0 it sees 2. A hook specification with a default,
# visit(url, depth=0), whose implementation takes depth, fails on registration under
# 1.6.0 and works under 1.7.0.
# Surprise: both versions satisfy the same requirement (>=1.6), and no error or warning
# tells which is at work; a plugin written and tested with one acts differently with the other.
# Contradicts: the documentation up to the summer of 2026, by which such arguments are not
# passed even where the caller gives a value; before it was silent.
# Way out: no defaults in implementations; leave out the arguments that are not needed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pluggy==1.6.0

cat > expected <<'EOF'
1.6.0 | Specification | [0]
1.6.0 | SpecificationWithDefault | PluginValidationError
1.7.0 | Specification | [2]
1.7.0 | SpecificationWithDefault | [2]
EOF

cat > program.py <<'EOF'
import importlib.metadata

import pluggy

spec, impl = pluggy.HookspecMarker("demo"), pluggy.HookimplMarker("demo")

class Specification:
    @spec
    def visit(self, url, depth): ...

class SpecificationWithDefault:
    @spec
    def visit(self, url, depth=0): ...

class WithDefault:
    @impl
    def visit(self, url, depth=0):
        return depth

class WithoutDefault:
    @impl
    def visit(self, url, depth):
        return depth

version = importlib.metadata.version("pluggy")
for specification, implementation in ((Specification, WithDefault), (SpecificationWithDefault, WithoutDefault)):
    manager = pluggy.PluginManager("demo")
    manager.add_hookspecs(specification)
    try:
        manager.register(implementation())
        print(version, "|", specification.__name__, "|", manager.hook.visit(url="/", depth=2))
    except pluggy.PluginValidationError as error:
        print(version, "|", specification.__name__, "|", type(error).__name__)
EOF

{
    venv/bin/python program.py
    venv/bin/pip install --quiet --disable-pip-version-check pluggy==1.7.0
    venv/bin/python program.py
} > seen
diff -u expected seen
echo "seen as stated"
