"""Runs rule sets, which are XSLT 2, in a process of its own: saxonche reserves more
addresses than Odoo allows its processes.

As a program it reads requests from its input, a line of JSON each: the path of a rule
set and a document; it answers with a line: the report.
"""

import atexit
import functools
import json
import resource
import subprocess
import sys


def run_rules(path, xml):
    """Return the report of the rules in the file ``path`` about ``xml``, a string.

    :raise RuntimeError: when they could not be run
    """
    worker = _start()
    request = json.dumps({"path": str(path), "xml": xml})
    worker.stdin.write(request + "\n")
    worker.stdin.flush()
    answer = worker.stdout.readline()
    if not answer:
        raise RuntimeError(f"saxonche ended at {path}")
    report = json.loads(answer)
    if "error" in report:
        raise RuntimeError(report["error"])
    return report["report"]


@functools.cache
def _start():
    command = [sys.executable, __file__]
    pipe = subprocess.PIPE
    worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
    atexit.register(_end, worker)
    return worker


def _end(worker):
    """End the other process: it does when its input ends."""
    worker.stdin.close()
    worker.stdout.close()
    worker.wait()


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
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
