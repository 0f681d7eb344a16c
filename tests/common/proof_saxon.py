"""Runs rule sets, which are XSLT 2, in a process of its own: saxonche reserves more
addresses than Odoo allows its processes.

As a program it reads requests from its input, a line of JSON each: the path of a rule
set and a document; it answers with a line: the report.
"""

import functools
import json
import resource
import subprocess
import sys
import tempfile


def run_rules(path, xml):
    """Return the report of the rules in the file ``path`` about ``xml``, a string.

    The other process stays until :func:`stop_rules`.

    :raise RuntimeError: when they could not be run
    """
    worker, complaints = _start()
    request = json.dumps({"path": str(path), "xml": xml})
    try:
        worker.stdin.write(request + "\n")
        worker.stdin.flush()
        report = json.loads(worker.stdout.readline())
    except (OSError, ValueError) as error:
        complaints.seek(0)
        state = f"{worker.wait()}, {complaints.read()}"
        raise RuntimeError(f"saxonche ended at {path}: {state}") from error
    if "error" in report:
        raise RuntimeError(report["error"])
    return report["report"]


def stop_rules():
    """End the other process, if there is one. Each class of tests does when it is done:
    Odoo ends what it leaves."""
    if _start.cache_info().currsize:
        worker, complaints = _start()
        _start.cache_clear()
        worker.communicate()
        complaints.close()


@functools.cache
def _start():
    command = [sys.executable, __file__]
    pipe = subprocess.PIPE
    complaints = tempfile.TemporaryFile("w+")
    worker = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=complaints, text=True
    )
    return worker, complaints


def main():
    """Answer requests until there are no more."""
    from saxonche import PySaxonProcessor

    _limit, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    processor = PySaxonProcessor(license=False)

    # Compiling takes longer than checking many documents. From the file: some rule
    # sets read lists of codes that lie beside it.
    @functools.cache
    def compile_rules(path):
        compiler = processor.new_xslt30_processor()
        return compiler.compile_stylesheet(stylesheet_file=path)

    for line in sys.stdin:
        request = json.loads(line)
        try:
            document = processor.parse_xml(xml_text=request["xml"])
            rules = compile_rules(request["path"])
            answer = {"report": rules.transform_to_string(xdm_node=document)}
        except Exception as error:
            answer = {"error": f"{request['path']}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
