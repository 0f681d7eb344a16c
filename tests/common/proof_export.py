"""The electronic invoices that this addon makes, and those of Odoo without it."""

from .proof import get_fatal, validate
from .subscription import ADDON

EINVOICE = f"odoo.addons.{ADDON}.models.einvoice"
CII = "account.edi.xml.cii"
UBL = "account.edi.xml.ubl_bis3"


def export_ubl(move):
    """Return the UBL of ``move``."""
    return move.env[UBL]._export_invoice(move)[0]


def export_stock(move, name=CII):
    """Return what Odoo makes of ``move`` without this addon."""
    model = move.env[name]
    parts = [part for part in type(model).__mro__ if ADDON not in part.__module__]
    found = [vars(part) for part in parts if "_export_invoice" in vars(part)]
    return found[0]["_export_invoice"](model, move)[0]


def count_stock(move):
    """Return how many rules Odoo breaks without this addon: in CII, and in UBL."""
    return tuple(
        len(get_fatal(validate(export_stock(move, name)))) for name in (CII, UBL)
    )


def find_overridden(env, name=CII):
    """Return the methods that this addon overrides in a model that exports: what it
    takes to leave it out."""
    return {
        method
        for part in type(env[name]).__mro__
        # Not what all models have.
        if part.__module__.startswith(EINVOICE)
        for method, value in vars(part).items()
        if callable(value) and not method.startswith("__")
    }
