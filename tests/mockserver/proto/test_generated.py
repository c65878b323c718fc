from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from flowkit_mockserver.proto.generated import generated_python
from flowkit_mockserver.proto.wire import encode

READ = """
import json, sys
import pipeline_pb2
pipeline = pipeline_pb2.Pipeline.FromString(bytes.fromhex(sys.argv[1]))
print(json.dumps([pipeline.model_id, pipeline.parent, pipeline_pb2.Pipeline.DESCRIPTOR.full_name]))
"""


def test_the_python_of_a_definition_reads_its_messages(tmp_path: Path) -> None:
    # In a process of its own: what it registers stays in the process.
    (tmp_path / "pipeline_pb2.py").write_text(generated_python("pipeline.proto"))
    content = encode("Pipeline", {"modelId": "guest-9999#model", "parent": True})
    read = subprocess.run(
        [sys.executable, "-c", READ, content.hex()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(read.stdout) == [
        "guest-9999#model",
        True,
        "com.webank.ai.fate.core.mlmodel.buffer.Pipeline",
    ]
