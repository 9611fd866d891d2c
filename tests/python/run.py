"""Generates a client from openapi.json, checks its types with those of story.py, and runs story.py against the server at API."""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
PROGRAMS = pathlib.Path(sys.executable).parent
# The generator formats what it writes by ruff, which it looks for in PATH.
PATH = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        generated = pathlib.Path(folder, "client")
        document = HERE.parent.parent / "openapi.json"
        story = HERE / "story.py"
        options: list[object] = ["--path", document, "--output-path", generated, "--config", HERE / "config.yaml"]
        steps: list[list[object]] = [
            # A schema that it cannot read, and two of one name, are warnings.
            [PROGRAMS / "openapi-python-client", "generate", "--fail-on-warning", *options],
            [PROGRAMS / "mypy", "--strict", "--cache-dir", f"{folder}/cache", generated / "re_power_v3_client", story],
            [sys.executable, story],
        ]
        environment = {**os.environ, "PATH": PATH, "PYTHONPATH": str(generated), "MYPYPATH": str(generated)}
        passed = 0
        for step in steps:
            if subprocess.run([str(word) for word in step], env=environment, check=False).returncode != 0:
                break
            passed += 1
    failed = len(steps) - passed
    print(f"{passed} passed, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
