"""The folders of `models/` call and inherit in one direction: downwards nothing is
known. Read from the sources, so that a call shows up whether a test takes it or not."""

import ast
import statistics
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from odoo.tests import BaseCase, tagged

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"
# Odoo's own doors, which any file may pass through.
ORM = {
    *("create", "write", "unlink", "default_get", "search_fetch", "export_data"),
    *("_has_field_access", "exists", "modified"),
}


class Module:
    """What one file of `models/` defines, and what it refers to."""

    def __init__(self, path, text=None):
        self.folder = path.parent.name
        self.name = f"{self.folder}/{path.name}"
        self.tree = ast.parse(path.read_text() if text is None else text)

    @cached_property
    def classes(self):
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]

    @cached_property
    def members(self):
        """The names of the methods that the file defines, and of the fields that hold
        records of this addon: names like ``date`` are upstream's as well."""
        return {
            node.name if isinstance(node, ast.FunctionDef) else node.targets[0].id
            for cls in self.classes
            for node in cls.body
            if isinstance(node, ast.FunctionDef) or _is_field_of_ours(node)
        }

    @cached_property
    def models(self):
        """The names of the models that the file makes."""
        return self._get_attribute("_name") - self._get_attribute("_inherit")

    @cached_property
    def inherited(self):
        return self._get_attribute("_inherit")

    def _get_attribute(self, name):
        """Return the strings that the classes have in the attribute ``name``."""
        return {
            value
            for cls in self.classes
            for node in cls.body
            if isinstance(node, ast.Assign) and node.targets[0].id == name
            for found in [ast.literal_eval(node.value)]
            for value in ([found] if isinstance(found, str) else found)
        }

    def get_model(self, cls):
        """Yield the name of the model that ``cls`` makes or extends, if any."""
        found = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in cls.body
            if isinstance(node, ast.Assign)
            and node.targets[0].id in ("_name", "_inherit")
        }
        name = found.get("_name", found.get("_inherit"))
        if name:
            yield name if isinstance(name, str) else name[0]

    def get_references(self):
        """Yield what the file refers to: kind, name and line."""
        for name in self.inherited:
            yield "model", name, 1
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.level == 2 and node.module:
                yield "folder", node.module.split(".")[0], node.lineno
            elif isinstance(node, ast.Attribute) and not self._is_of_super(node):
                yield "member", node.attr, node.lineno
            elif isinstance(node, ast.Subscript) and _is_env(node.value):
                if isinstance(node.slice, ast.Constant):
                    yield "model", node.slice.value, node.lineno

    def _is_of_super(self, node):
        """Return whether ``node`` is what a method overrides: it stands above it."""
        call = node.value
        return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "super"


def _is_field_of_ours(node):
    args = getattr(getattr(node, "value", None), "args", None)
    comodel = args and getattr(args[0], "value", None)
    return isinstance(comodel, str) and comodel.startswith("subscription.")


def _is_env(node):
    return isinstance(node, ast.Attribute) and node.attr == "env"


def read_order():
    """Return the names of the folders, from the top down."""
    tree = ast.parse((MODELS / "__init__.py").read_text())
    return [alias.name for node in tree.body for alias in node.names]


def read_modules():
    return [Module(path) for path in sorted(MODELS.glob("*/*.py"))]


def read_parts():
    """Return all files that define parts of models, below `models/` or beside it."""
    beside = [*(ROOT / "wizard").glob("*.py"), *(ROOT / "report").glob("*.py")]
    return [*read_modules(), *map(Module, sorted(beside))]


def find_calls_down(modules, order):
    """Return a line for each reference of a folder to what only a lower one has."""
    places = {folder: place for place, folder in enumerate(order)}
    owners = defaultdict(set)
    for module in modules:
        for name in module.members - ORM:
            owners["member", name].add(module.folder)
        for name in module.models:
            owners["model", name].add(module.folder)
        owners["folder", module.folder].add(module.folder)
    return [
        f"{module.name}:{line} refers to {name} of {'/'.join(sorted(found))}/"
        for module in modules
        for kind, name, line in module.get_references()
        for found in [owners[kind, name]]
        if found and min(places[folder] for folder in found) > places[module.folder]
    ]


def read_sources():
    return [
        path
        for folder in ("models", "wizard", "controllers", "report")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def find_long_files():
    return [
        str(path.relative_to(ROOT))
        for path in read_sources()
        if len(path.read_text().splitlines()) > 400
    ]


def find_clashes(texts):
    """Return the names that more than one class of controllers gives a method that does
    not go on to another: Odoo makes one class of all, where one takes the other's
    place."""
    owners = defaultdict(list)
    for text in texts:
        for cls in ast.walk(ast.parse(text)):
            for node in (
                getattr(cls, "body", ()) if isinstance(cls, ast.ClassDef) else ()
            ):
                if isinstance(node, ast.FunctionDef) and "super" not in ast.dump(node):
                    owners[node.name].append(cls.name)
    return {name: classes for name, classes in owners.items() if len(classes) > 1}


def is_hook(function):
    """Return whether ``function`` does nothing but return or refuse: others fill it."""
    body = [
        node
        for node in function.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return not body or (len(body) == 1 and isinstance(body[0], (ast.Return, ast.Raise)))


def find_doubles(modules):
    """Return the methods that several parts of a model define, none of them a hook, and
    without going on to another: the last part takes the place of the others."""
    owners, hooks = defaultdict(list), set()
    for module in modules:
        for cls in module.classes:
            for model in module.get_model(cls):
                for node in cls.body:
                    if isinstance(node, ast.FunctionDef):
                        key = model, node.name
                        if is_hook(node):
                            hooks.add(key)
                        elif "super" not in ast.dump(node):
                            owners[key].append(module.name)
    return {
        key: names
        for key, names in owners.items()
        if len(names) > 1 and key not in hooks
    }


def read_lengths():
    """Return ``{kind of node: [(name, lines)]}`` of all classes and their methods."""
    lengths = defaultdict(list)
    for path in read_sources():
        for cls in ast.walk(ast.parse(path.read_text())):
            if isinstance(cls, ast.ClassDef):
                for node in (cls, *cls.body):
                    lines = node.end_lineno - node.lineno + 1
                    name = getattr(node, "name", "")
                    lengths[type(node)].append((f"{path.name}: {name}", lines))
    return lengths


@tagged("post_install", "-at_install")
class TestLayers(BaseCase):
    """A folder knows what stands above it in `models/__init__.py`, and nothing else."""

    def test_every_folder_has_its_place(self):
        folders = {path.parent.name for path in MODELS.glob("*/__init__.py")}
        self.assertEqual(folders, set(read_order()))
        self.assertEqual(list(MODELS.glob("*.py")), [MODELS / "__init__.py"])

    def test_nothing_refers_to_a_lower_folder(self):
        found = find_calls_down(read_modules(), read_order())
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_a_reference_to_a_lower_folder_is_found(self):
        """Both ends are named, for each kind of reference."""
        for code, end in [
            ("def f(self):\n    self._renumber()", "_renumber of seat/"),
            ("def f(self):\n    self.env['subscription.seat']", "subscription.seat of"),
            ("from ..seat.subscription_seat import SubscriptionSeat", "seat of seat/"),
            ("class A:\n    _inherit = 'subscription.seat'", "subscription.seat of"),
            ("def f(self):\n    return self.seat_pool_ids", "seat_pool_ids of seat/"),
        ]:
            with self.subTest(code):
                broken = Module(MODELS / "client" / "broken.py", code)
                found = find_calls_down([*read_modules(), broken], read_order())
                self.assertTrue(found)
                for line in found:
                    self.assertIn("client/broken.py:", line)
                    self.assertIn(end, line)

    def test_no_page_takes_the_method_of_another(self):
        texts = [path.read_text() for path in ROOT.glob("controllers/portal_*.py")]
        self.assertEqual(find_clashes(texts), {})
        broken = "class A:\n    def _get_client(self):\n        return 1"
        self.assertIn("_get_client", find_clashes([*texts, broken]))

    def test_no_part_of_a_model_takes_the_method_of_another(self):
        modules = read_parts()
        self.assertEqual(find_doubles(modules), {})
        code = (
            "class A:\n    _inherit = 'subscription.member'\n"
            "    def _leave(self, reason):\n        self.x = 1\n        self.y = 2"
        )
        broken = Module(MODELS / "seat" / "broken.py", code)
        self.assertIn(
            ("subscription.member", "_leave"), find_doubles([*modules, broken])
        )

    def test_files_classes_and_methods_are_small(self):
        """A file has one subject: what has outgrown 400 lines has two."""
        self.assertEqual(find_long_files(), [])
        lengths = read_lengths()
        classes = {name: lines for name, lines in lengths[ast.ClassDef] if lines > 350}
        self.assertEqual(classes, {})
        methods = sorted(lines for _name, lines in lengths[ast.FunctionDef])
        self.assertLessEqual(statistics.median(methods), 8)
        self.assertLessEqual(methods[len(methods) * 9 // 10], 20)
