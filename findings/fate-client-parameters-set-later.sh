#!/usr/bin/env bash
# FATE's pipeline drops parameters of a component that are set after its construction.
#
# Versions: fate-client 1.11.3.
# Seen: HeteroLR(max_iter=5) with alpha = 0.5 set as an attribute, or with
# component_param(alpha=0.5): alpha stays out of the job's configuration. An attribute that was
# given to the constructor as well can be changed. component_param(max_iter=9) on it
# takes max_iter out of the configuration altogether, although the attribute then reads 9.
# Surprise: the object shows the value, the job runs with FATE's default, and nothing is
# logged. The same method on what get_party_instance returns does set parameters.
# Contradicts: the method's name and its own warning: it warns of keys that it does not
# use, and does not warn here.
# Way out: all parameters to the constructor; component_param for a party's instance only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 click==7.1.2 loguru==0.7.3 numpy==2.4.6 ruamel.yaml==0.16.13 setuptools==79.0.1

cat > expected <<'EOF'
as constructed | max_iter is 5, alpha is 1.0 | sent: {'max_iter': 5}
alpha = 0.5 | max_iter is 5, alpha is 0.5 | sent: {'max_iter': 5}
max_iter = 9 | max_iter is 9, alpha is 1.0 | sent: {'max_iter': 9}
component_param(alpha=0.5) | max_iter is 5, alpha is 0.5 | sent: {'max_iter': 5}
component_param(max_iter=9) | max_iter is 9, alpha is 1.0 | sent: {}
EOF

cat > program.py <<'EOF'
from pipeline.backend.config import PipelineConfig

PipelineConfig._conf = {"ip": "127.0.0.1", "port": 9380, "console_display_log": False}
from pipeline.component import HeteroLR

WAYS = {
    "as constructed": lambda trainer: None,
    "alpha = 0.5": lambda trainer: setattr(trainer, "alpha", 0.5),
    "max_iter = 9": lambda trainer: setattr(trainer, "max_iter", 9),
    "component_param(alpha=0.5)": lambda trainer: trainer.component_param(alpha=0.5),
    "component_param(max_iter=9)": lambda trainer: trainer.component_param(max_iter=9),
}
for way, set_parameter in WAYS.items():
    trainer = HeteroLR(name="lr_0", max_iter=5)
    set_parameter(trainer)
    sent = trainer.get_config(roles={}).get("common", {}).get("lr_0", {})
    print(way, "| max_iter is", f"{trainer.max_iter}, alpha is", trainer.alpha, "| sent:", sent)
EOF

venv/bin/python program.py 2> log | grep -v "Import torch" > seen
diff -u expected seen
echo "seen as stated"
