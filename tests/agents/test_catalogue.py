from agents.catalogue import ACTIONS, command_of, undo_params


def test_commands_are_what_a_person_would_type():
    assert command_of(ACTIONS["restart-service"], {"process": "checkout"}) == "supervisorctl restart checkout"
    given = {"commit": "8c1f2ae" + "0" * 33, "branch": "main"}
    assert command_of(ACTIONS["rollback-config"], given) == "git revert --no-edit 8c1f2ae"


def test_a_revert_is_undone_by_reverting_what_it_made():
    given = {"commit": "8c1f2ae" + "0" * 33, "branch": "main"}

    assert undo_params(ACTIONS["rollback-config"], given) == {"commit": "{result.commit}", "branch": "main"}


def test_a_restart_has_no_undo_and_is_not_called_reversible():
    assert not ACTIONS["restart-service"].has_undo
    assert not ACTIONS["restart-service"].reversible


def test_whatever_has_an_undo_is_reversible():
    assert all(action.reversible for action in ACTIONS.values() if action.has_undo)
