"""What open pages are told of once its transaction is committed."""


def tell_when_committed(records, key, tell):
    """Let ``tell`` be called with the ids of ``records``, and of all others that come
    in this transaction by the same ``key``, once, just before it is committed.

    Records that are not saved are left out.
    """
    ids = {id_ for id_ in records._ids if isinstance(id_, int) and id_}
    if not ids:
        return
    precommit = records.env.cr.precommit
    if key not in precommit.data:
        precommit.data[key] = set()
        precommit.add(lambda: tell(precommit.data.pop(key, ())))
    precommit.data[key] |= ids
