#!/usr/bin/env bash
# pluggy: two plugins that are equal cannot both be registered, and the refusal prints every plugin there is.
#
# Versions: pluggy 1.6.0 and 1.7.0.
# Seen: a plugin written as a dataclass, registered twice with equal settings under two names: the second is refused
# as "already registered under a different name". With settings that differ both are taken. An object that was never
# registered, but equals one that was, counts as registered and has its name. The text of the refusal ends with the
# repr of all plugins, their fields included.
# Surprise: identity is what a registry of objects is expected to go by, and is what pluggy makes names of (`id()`).
# A dataclass compares by its fields without being asked to. Keys and passwords of other plugins land in a log.
# Contradicts: register()'s documentation, which speaks of the same plugin under another name.
# Way out: @dataclass(eq=False); repr=False for fields that are secret.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > expected <<'EOF'
equal | ValueError | names other plugins' fields: True
different | 2 results
equal, never registered | is_registered True, get_name 'first'
eq=False | 2 results
EOF

cat > program.py <<'EOF'
from dataclasses import dataclass

import pluggy

hookspec, hookimpl = pluggy.HookspecMarker("shop"), pluggy.HookimplMarker("shop")

class Hooks:
    @hookspec
    def sold(self, article): ...

class Selling:
    @hookimpl
    def sold(self, article):
        return f"{article} ({self.language})"

@dataclass
class Printer(Selling):
    language: str

@dataclass(eq=False)
class Distinct(Selling):
    language: str

@dataclass
class Till:
    password: str

def registered(*plugins):
    manager = pluggy.PluginManager("shop")
    manager.add_hookspecs(Hooks)
    for name, plugin in zip(("first", "second", "third"), plugins):
        manager.register(plugin, name)
    return manager

try:
    registered(Till("open-sesame"), Printer("en"), Printer("en"))
except ValueError as error:
    print("equal |", type(error).__name__, "| names other plugins' fields:", "open-sesame" in str(error))
print("different |", len(registered(Printer("en"), Printer("de")).hook.sold(article="tea")), "results")
manager = registered(Printer("en"))
stranger = Printer("en")
print(f"equal, never registered | is_registered {manager.is_registered(stranger)}, get_name {manager.get_name(stranger)!r}")
print("eq=False |", len(registered(Distinct("en"), Distinct("en")).hook.sold(article="tea")), "results")
EOF

for version in 1.6.0 1.7.0; do
    "${PYTHON:-python3.11}" -m venv --clear venv
    venv/bin/pip install --quiet --disable-pip-version-check "pluggy==$version"
    venv/bin/python program.py > seen
    diff -u expected seen
done
echo "seen as stated"
