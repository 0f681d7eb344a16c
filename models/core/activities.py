"""What there is to do, told in the language of whom it is for."""


def plan_activity(record, activity_type, user, get_note):
    """Plan an activity of ``user`` on ``record``: whoever comes upon what there is to
    do, often a job, has another language.

    :param str activity_type: its external id
    :param get_note: called with a record in the language of ``user``
    """
    # sudo: partners may not read the users of the vendor.
    told = record.with_context(lang=user.sudo().lang)
    told.activity_schedule(activity_type, note=get_note(told), user_id=user.id)
