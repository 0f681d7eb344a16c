import {ActionHelper} from "@web/views/action_helper";
import {patch} from "@web/core/utils/patch";

const OURS = /^(sale\.)?subscription\b/;

/** Whether an empty screen is one of ours, whose text is about a first record. */
function isOurs({resModel, globalContext = {}}) {
    return OURS.test(resModel) || Boolean(globalContext.default_managed_by_own_company);
}

/**
 * Whether somebody looks for something: by what the screen does not filter by itself. A
 * grouping leaves nothing out.
 */
export function isSearched({query = [], searchItems = {}}) {
    const kinds = ["groupBy", "dateGroupBy"];
    return query.some(({searchItemId}) => {
        const item = searchItems[searchItemId];
        return item && !item.isDefault && !kinds.includes(item.type);
    });
}

patch(ActionHelper.prototype, {
    /** Whether a search was without a hit: then nothing is to be added. */
    get isWithoutHit() {
        const {searchModel} = this.env;
        return Boolean(searchModel && isOurs(searchModel) && isSearched(searchModel));
    },

    clearSearch() {
        this.env.searchModel.clearQuery();
    },
});
