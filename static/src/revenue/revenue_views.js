import {graphView} from "@web/views/graph/graph_view";
import {pivotView} from "@web/views/pivot/pivot_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const LINES = "partner_managed_subscription.subscription_revenue_line_action";

/**
 * A click on a figure opens the lines that it is made of: their model has the same
 * columns, so the domain of the figure is theirs.
 *
 * @param {typeof Component} Renderer of a pivot or graph
 */
const openingLines = (Renderer) =>
    class extends Renderer {
        setup() {
            super.setup();
            this.revenueAction = useService("action");
        }

        /**
         * @override
         */
        async openView(domain, views, context, newWindow) {
            const action = await this.revenueAction.loadAction(LINES);
            this.revenueAction.doAction({...action, domain, context}, {newWindow});
        }
    };

registry.category("views").add("revenue_pivot", {
    ...pivotView,
    Renderer: openingLines(pivotView.Renderer),
});
registry.category("views").add("revenue_graph", {
    ...graphView,
    Renderer: openingLines(graphView.Renderer),
});
