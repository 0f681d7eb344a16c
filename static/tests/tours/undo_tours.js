import {addTour, check, clickOn} from "./tour_helpers";

const FORM = ".o_action_manager .o_form_view";
const UNDO = ".o_notification_buttons button";
const DIALOG = ".modal:has(.modal-footer button[name=action_release])";

// They run in several languages, so they look for no words of the screens.

/** Access is removed and given back, then the member leaves and comes back, each by
 * the button of the notification. */
addTour("subscription_undo_at_once", () => [
    clickOn("See what else can be done", ".o_form_menu"),
    clickOn("Remove access", ".o-dropdown--menu button[name=action_remove_access]"),
    clickOn("Do it", `${DIALOG} .modal-footer button[name=action_release]:enabled`),
    check("The dialog is closed", "body:not(:has(.modal))"),
    check("It is removed", `${FORM}:not(:has([name=pool_ids] .o_data_row))`),
    clickOn("Undo", UNDO),
    check("It is back", `${FORM} [name=pool_ids] .o_data_row:contains(Expenses)`),
    check("Nobody undoes twice", `body:not(:has(${UNDO}))`),
    clickOn("The member leaves", "button[name=action_ask_left]"),
    clickOn("Yes", ".modal-footer .btn-danger"),
    check("The member has left", `${FORM} .ribbon`),
    clickOn("Undo", UNDO),
    check("The member is back", `${FORM}:not(:has(.ribbon))`),
]);
