import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {floatField, FloatField} from "@web/views/fields/float/float_field";
import {formatFloat} from "@web/views/fields/formatters";

const DIGITS = [16, 2];

/** Write a number of licences with as many decimals as it has: 78, not 78.00. */
export function formatLicences(value, options = {}) {
    const digits = options.digits || options.field?.digits || DIGITS;
    return formatFloat(value ?? false, {...options, digits, trailingZeros: false});
}

/** A number of licences, written in totals of groups and columns as in the rows. */
export class Licences extends FloatField {
    static defaultProps = {...FloatField.defaultProps, trailingZeros: false};
}

export const licences = {
    ...floatField,
    component: Licences,
    displayName: _t("Licences"),
    supportedTypes: ["float"],
    listViewWidth: [75, 110],
    extractProps: (...args) => ({
        ...floatField.extractProps(...args),
        trailingZeros: false,
    }),
};

registry.category("fields").add("licences", licences);
registry.category("formatters").add("licences", formatLicences);
