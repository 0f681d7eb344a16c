import {Record} from "@web/model/relational_model/record";
import {patch} from "@web/core/utils/patch";
import {session} from "@web/session";

/**
 * Says along with a change what the screen showed before, so that the server can refuse
 * to overwrite what somebody else has saved meanwhile: `seen_values`, by record and
 * field. Only where a watched field changes; then of all watched fields that the screen
 * has, since who changes one relies on the others.
 */
patch(Record.prototype, {
    _getChanges(...args) {
        const result = super._getChanges(...args);
        const {withReadonly} = args[1] || {};
        const watched = session.watched_fields?.[this.resModel] || [];
        // Values for an onchange come with those that are readonly; nothing is saved.
        if (this.resId && !withReadonly && watched.some((name) => name in result)) {
            result.seen_values = Object.fromEntries(
                this._getSavedRecords().map((record) => [
                    record.resId,
                    record._getSeenValues(watched),
                ])
            );
        }
        return result;
    },

    /** The records that are saved with the same changes: in a list, all selected. */
    _getSavedRecords() {
        const selection = (this.selected && this.model.root.selection) || [];
        return selection.includes(this) ? selection : [this];
    },

    _getSeenValues(watched) {
        const shown = watched.filter((name) => name in this._values);
        return Object.fromEntries(
            shown.map((name) => [
                name,
                this._formatServerValue(this.fields[name].type, this._values[name]),
            ])
        );
    },
});
