"""Putting values into an XML tree where its schema wants them, without a database."""

from lxml import etree


def is_blank(text):
    """Return whether there is nothing to read in ``text``."""
    return not (text or "").strip()


class Writer:
    """Completes elements of one vocabulary: what is there is corrected, what is missing
    is made at its place in the schema's order, and nothing is added twice.

    A path is made of steps like ``cbc:ID``, joined by slashes; a step without a prefix
    has the default one.
    """

    def __init__(self, namespaces, order, default):
        """Complete trees of a vocabulary.

        :param dict namespaces: ``{prefix: namespace}``
        :param dict order: ``{local name of an element: local names of its children}``
        :param str default: the prefix of steps that have none
        """
        self.namespaces, self.default = namespaces, default
        self.ranks = {
            parent: {name: place for place, name in enumerate(names.split())}
            for parent, names in order.items()
        }

    def qualify(self, step):
        """Return the qualified name of a step."""
        prefix, _colon, name = step.rpartition(":")
        return f"{{{self.namespaces[prefix or self.default]}}}{name}"

    def node_at(self, node, path):
        """Return the first element at ``path`` below ``node``, None without."""
        return node.find("/".join(map(self.qualify, path.split("/"))))

    def nodes_at(self, node, path):
        """Return the elements at ``path`` below ``node``."""
        return node.findall("/".join(map(self.qualify, path.split("/"))))

    def text_at(self, node, path):
        """Return the text of the first element at ``path``, stripped."""
        return (
            node.findtext("/".join(map(self.qualify, path.split("/")))) or ""
        ).strip()

    def make_at(self, node, path):
        """Return the first element at ``path``, made where there is none."""
        for step in path.split("/"):
            child = node.find(self.qualify(step))
            node = self.add_child(node, step) if child is None else child
        return node

    def add_child(self, node, step):
        """Add a child to ``node`` at the place that the schema gives it, after those of
        its name."""
        child = etree.Element(self.qualify(step))
        ranks = self.ranks.get(etree.QName(node).localname, {})
        rank = ranks.get(etree.QName(child).localname, len(ranks))
        place = len(node)
        for index, sibling in enumerate(node):
            if isinstance(sibling.tag, str):
                name = etree.QName(sibling).localname
                if ranks.get(name, -1) > rank:
                    place = index
                    break
        node.insert(place, child)
        return child

    def put_at(self, node, path, value, **attributes):
        """Write ``value`` at ``path``. Without a value all stays as it is; attributes
        without one are removed."""
        if value in (None, ""):
            return None
        child = self.make_at(node, path)
        child.text = str(value)
        for name, given in attributes.items():
            if given:
                child.set(name, given)
            else:
                child.attrib.pop(name, None)
        return child

    def drop_at(self, node, path):
        """Remove all elements at ``path``, and what they leave empty above them."""
        for child in self.nodes_at(node, path):
            parent = child.getparent()
            parent.remove(child)
            while parent is not node and not len(parent) and is_blank(parent.text):
                child, parent = parent, parent.getparent()
                parent.remove(child)

    def keep_children(self, node, names):
        """Remove the children of ``node`` that are not among ``names``."""
        for child in list(node):
            if etree.QName(child).localname not in names:
                node.remove(child)
