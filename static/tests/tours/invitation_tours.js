import {addTour, check, enter, goBy} from "./tour_helpers";

// They run in several languages, so they look for no words of the pages.

const ACCEPT = "form[action$='/accept'] button[type=submit]";
const PASSWORD = "a long password";
// What somebody sees who has accepted as each of these.
const LANDINGS = {
    administrator: ".o_my_subscription h1:contains(Acme)",
    member: ".o_my_access h2:contains(Acme)",
    accountant: ".o_main_navbar",
};

for (const [role, landing] of Object.entries(LANDINGS)) {
    addTour(`subscription_accept_new_${role}`, () => [
        check("Who invites", "h1:contains(Acme)"),
        goBy("Accept", ACCEPT),
        enter("Choose a password", ".oe_signup_form [name=password]", PASSWORD),
        enter("Once more", ".oe_signup_form [name=confirm_password]", PASSWORD),
        goBy("Go on", ".oe_signup_form button[type=submit]"),
        check("It leads where the role leads", landing),
    ]);

    addTour(`subscription_accept_known_${role}`, () => [
        check("Who invites", "h1:contains(Acme)"),
        goBy("Sign in", "#wrap a[href*='/web/login']"),
        enter("Who it is", ".oe_login_form #login", "kim"),
        enter("With the password", ".oe_login_form #password", "kimxxxxx"),
        goBy("Go on", ".oe_login_form button[type=submit]"),
        check("Back at the invitation", "h1:contains(Acme)"),
        goBy("Accept", ACCEPT),
        check("It leads where the role leads", landing),
    ]);
}
