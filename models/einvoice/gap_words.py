"""What an electronic invoice lacks, in words."""

from .gaps import MENTIONS


def describe(env, gaps):
    """Return ``gaps`` in the language of ``env``: of each record what it lacks.

    A record that the reader may not see is not named.
    """
    labels = _get_labels(env)
    grouped = {}
    for gap in gaps:
        grouped.setdefault((gap.model, gap.id), []).append(labels[gap.code])
    return "; ".join(
        env._(
            "%(record)s: %(fields)s",
            record=_get_name(env[model].browse(res_id)),
            fields=", ".join(fields),
        )
        for (model, res_id), fields in grouped.items()
    )


def _get_labels(env):
    return {
        "siren": env._("SIREN"),
        "vat": env._("VAT number"),
        "street": env._("street"),
        "zip": env._("postal code"),
        "city": env._("city"),
        "country": env._("country"),
        "AAB": env._("whether paying early gives a discount"),
        "PMD": env._("late payment penalties"),
        "PMT": env._("recovery fee"),
        "number": env._(
            "invoice numbers of at most 35 letters, digits and signs + - _ /"
        ),
        "email": env._("e-mail address"),
        "taxes": env._("one rate of VAT on each line, and no other tax"),
        "original": env._("the invoice that it takes back"),
    }


def _get_name(record):
    record = record.exists()
    if record and record.has_access("read"):
        return record.display_name
    # In words that tell nothing of it.
    names = {
        "res.partner": record.env._("The buyer"),
        "res.company": record.env._("The seller"),
        "account.move": record.env._("The invoice"),
    }
    return names.get(record._name) or record.env._("The journal")


def open_gap(env, gaps):
    """Return the action that opens the record where the first of ``gaps`` is mended,
    False without any.

    :raise AccessError: when the user may not see it
    """
    # What is wrong with the invoice itself is not mended on another screen.
    gap = next((gap for gap in gaps if gap.model != "account.move"), None)
    if not gap:
        return False
    if gap.code in MENTIONS:
        return env["subscription.settings"]._open_action("subscription_settings_action")
    record = env[gap.model].browse(gap.id)
    record.check_access("read")
    return record.get_formview_action()
