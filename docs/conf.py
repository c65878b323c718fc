from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from flowkit import __version__

project = "flowkit"
author = "The flowkit authors"
project_copyright = "The flowkit authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_llms_txt",
    "tables",
]

# The client's name is the same in flowkit and in the drop-in; links lead to the former.
suppress_warnings = ["ref.python"]
exclude_patterns = ["_build"]
default_role = "literal"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"flowkit {release}"
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True
llms_txt_title = "flowkit"
llms_txt_summary = (
    "A client for FATE Flow 1.x: Python SDK, command line, mock server, cassettes, plugins."
)
