import {registry} from "@web/core/registry";

// Milliseconds that a step may take: more than Odoo gives it, for slow machines.
const PATIENCE = 60000;

export function addTour(name, getSteps) {
    registry.category("web_tour.tours").add(name, {
        steps: () => getSteps().map((step) => ({timeout: PATIENCE, ...step})),
    });
}

export function clickOn(content, trigger) {
    return {content, trigger, run: "click"};
}

export function check(content, trigger) {
    return {content, trigger};
}

/** A step that leads to another page. */
export function goBy(content, trigger) {
    return {...clickOn(content, trigger), expectUnloadPage: true};
}

export function enter(content, trigger, value) {
    return {content, trigger, run: `edit ${value}`};
}
