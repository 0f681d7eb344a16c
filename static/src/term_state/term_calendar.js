import {registry} from "@web/core/registry";
import {CalendarCommonRenderer} from "@web/views/calendar/calendar_common/calendar_common_renderer";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {CalendarRenderer} from "@web/views/calendar/calendar_renderer";
import {calendarView} from "@web/views/calendar/calendar_view";
import {CalendarYearPopover} from "@web/views/calendar/calendar_year/calendar_year_popover";
import {CalendarYearRenderer} from "@web/views/calendar/calendar_year/calendar_year_renderer";

import {TERM_ICONS} from "./term_state";

/**
 * The client whose term it is, and how the term or the renewal stands, in an icon and
 * in words.
 */
export class TermCalendarModel extends CalendarModel {
    normalizeRecord(rawRecord) {
        const name = "renewal_state" in rawRecord ? "renewal_state" : "state";
        const state = rawRecord[name];
        const {selection} = this.fields[name];
        return {
            ...super.normalizeRecord(rawRecord),
            title: rawRecord.client_id[1],
            titleIcon: `fa ${TERM_ICONS[state] || ""}`,
            termClass: `o_term_event o_term_${state}`,
            termLabel: new Map(selection).get(state),
        };
    }
}

/**
 * Gives events the colours of their states, also those of the past: what has ended is
 * the most urgent. For both renderers.
 */
const withTermClasses = (Renderer) =>
    class extends Renderer {
        eventClassNames(info) {
            const record = this.props.model.records[info.event.id];
            return [
                ...super
                    .eventClassNames(info)
                    .filter((name) => name !== "o_past_event"),
                ...(record ? record.termClass.split(" ") : []),
            ];
        }
    };

export class TermCalendarCommonRenderer extends withTermClasses(
    CalendarCommonRenderer
) {
    static eventTemplate = "partner_managed_subscription.TermCalendarEvent";

    openPopover(target, record) {
        this.popover.open(
            target,
            this.getPopoverProps(record),
            `o_cw_popover card o_term_popover ${record.termClass}`
        );
    }
}

export class TermCalendarYearPopover extends CalendarYearPopover {
    static subTemplates = {
        ...CalendarYearPopover.subTemplates,
        record: "partner_managed_subscription.TermCalendarYearPopover.record",
    };

    getRecordClass(record) {
        return `${super.getRecordClass(record)} ${record.termClass}`;
    }
}

export class TermCalendarYearRenderer extends withTermClasses(CalendarYearRenderer) {
    static components = {
        ...CalendarYearRenderer.components,
        Popover: TermCalendarYearPopover,
    };

    onEventContent({event}) {
        const icon = document.createElement("i");
        icon.className = `${this.props.model.records[event.id].titleIcon} p-1`;
        return {domNodes: [icon]};
    }
}

export class TermCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: TermCalendarCommonRenderer,
        week: TermCalendarCommonRenderer,
        month: TermCalendarCommonRenderer,
        year: TermCalendarYearRenderer,
    };
}

registry.category("views").add("term_calendar", {
    ...calendarView,
    Model: TermCalendarModel,
    Renderer: TermCalendarRenderer,
});
