#!/usr/bin/env bash
# A FATE pipeline that is compiled again keeps the parameters of roles from before.
#
# Versions: fate-client 1.11.3.
# Seen: a reader's table, set for the guest with component_param and compiled, is changed
# to b, c and d, each time with compile() after it. The configuration names b, b and b: the first
# change arrives, no later one does. A parameter for all roles, changed in the same way,
# always arrives. After set_roles with the hosts in another order and compile() every host
# is still given what was set for its neighbour.
# Surprise: a loop or a notebook that trains on one table after the other trains on one and the
# same, each job succeeds, and its configuration is the only thing that tells.
# Contradicts: the method, which builds the configuration from the components; parameters
# of roles are merged with those of the last time, and the old ones win.
# Way out: a new PipeLine for each job.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps fate-client==1.11.3 requests==2.34.2 requests-toolbelt==1.0.0 urllib3==2.8.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 click==7.1.2 loguru==0.7.3 numpy==2.4.6 ruamel.yaml==0.16.13 setuptools==79.0.1

cat > expected <<'EOF'
asked for a | reads a | max_iter 1
asked for b | reads b | max_iter 2
asked for c | reads b | max_iter 3
asked for d | reads b | max_iter 4
host 10000 reads table_of_10000
host 10001 reads table_of_10001
after set_roles(host=[10001, 10000]) and compile():
host 10001 reads table_of_10000
host 10000 reads table_of_10001
EOF

cat > program.py <<'EOF'
from pipeline.backend.config import PipelineConfig

PipelineConfig._conf = {"ip": "127.0.0.1", "port": 9380, "console_display_log": False}
from pipeline.backend.pipeline import PipeLine
from pipeline.component import HeteroLR, Reader

def new():
    return PipeLine().set_initiator("guest", 9999).set_roles(guest=9999, host=[10000, 10001])

def parameters(pipeline):
    pipeline.compile()
    return pipeline.get_train_conf()["component_parameters"]

pipeline, reader, trainer = new(), Reader(name="reader_0"), HeteroLR(name="lr_0", max_iter=0)
pipeline.add_component(reader).add_component(trainer)
for times, name in enumerate("abcd", start=1):
    reader.get_party_instance("guest", 9999).component_param(table={"name": name, "namespace": "demo"})
    trainer.max_iter = times
    found = parameters(pipeline)
    table = found["role"]["guest"]["0"]["reader_0"]["table"]["name"]
    print("asked for", name, "| reads", table, "| max_iter", found["common"]["lr_0"]["max_iter"])

def show_hosts(pipeline):
    found = parameters(pipeline)["role"]["host"]
    for place, party in enumerate(pipeline.get_train_conf()["role"]["host"]):
        print("host", party, "reads", found[str(place)]["reader_0"]["table"]["name"])

pipeline, reader = new(), Reader(name="reader_0")
pipeline.add_component(reader)
for party in (10000, 10001):
    reader.get_party_instance("host", party).component_param(table={"name": f"table_of_{party}", "namespace": "demo"})
show_hosts(pipeline)
print("after set_roles(host=[10001, 10000]) and compile():")
pipeline.set_roles(host=[10001, 10000])
show_hosts(pipeline)
EOF

venv/bin/python program.py 2> log | grep -v "Import torch" > seen
diff -u expected seen
echo "seen as stated"
