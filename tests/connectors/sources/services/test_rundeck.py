def body(trigger, status, **run):
    return {"trigger": trigger, "status": status, "execution": {"id": 1, "status": status} | run}


def test_runs_of_one_job_are_one_alert(read):
    bodies = [body("failure", "failed", id=run, job={"id": "j"}) for run in (1, 2)]

    assert len({read("rundeck", one).events[0].fingerprint for one in bodies}) == 1


def test_commands_without_a_job_are_alerts_of_their_own(read):
    bodies = [body("failure", "failed", id=run) for run in (1, 2)]

    assert len({read("rundeck", one).events[0].fingerprint for one in bodies}) == 2


def test_an_aborted_run_fires(read):
    assert read("rundeck", body("failure", "aborted")).events[0].status == "firing"
