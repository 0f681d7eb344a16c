import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {formatFloat, formatInteger, formatMonetary} from "@web/views/fields/formatters";

const FORMATTERS = {
    integer: (value) => formatInteger(value),
    float: (value) => formatFloat(value, {digits: [16, 2], trailingZeros: false}),
    percent: (value) =>
        `${formatFloat(value, {digits: [16, 1], trailingZeros: false})} %`,
    date: (value) => formatDate(deserializeDate(value)),
    monetary: (value, {currency_id: currencyId, short}) =>
        short
            ? formatFloat(value, {digits: [16, 2], trailingZeros: false})
            : formatMonetary(value, {currencyId}),
    state: (value, {states}) => states[value] || value,
};

/**
 * @param {Object} column of a section
 * @param {any} value
 * @returns {String} the value as people read it, a dash where there is none
 */
export function formatCell(column, value) {
    if (value === null || value === undefined || value === false) {
        return "–";
    }
    const format = FORMATTERS[column.type];
    return format ? format(value, column) : `${value}`;
}

export function isNumber({type}) {
    return ["integer", "float", "monetary", "percent"].includes(type);
}
