"""A house full of alerts: months of them in one go, by the database itself, for what reads lists."""

import psycopg

SERVICES, SOURCES, AN_INCIDENT, WAITING = 1_000, 60, 10, 5

FACTORS = ",".join(
    f'{{"because":"Declared for this service.","name":"{name}","points":{points},"value":"{value}"}}'
    for name, points, value in (
        ("blast", 3, "external"),
        ("compliance", 1, "audit-logged"),
        ("data", 3, "confidential"),
        ("reversibility", 0, "full"),
    )
)
CHANGE = (
    '{"diffs":[{"path":"payments.json","text":"' + "-old +new " * 60 + '"}],"environment":"prod","incident":"incident:'
    "' || id || '"
    '","intent":"revert commit 1a2b3c4 in prod","risk":{"factors":[' + FACTORS + '],"score":7,"tier":"HIGH"},'
    '"steps":[{"action":"rollback-config","index":0,"params":[{"name":"branch","value":"main"}],'
    '"target":"prod/payments","timeout_s":60,"title":"rollback-config prod/payments"}],'
    '"verification":{"compare":"<","every_s":1,"hold_s":10,"query":"service:error_ratio","threshold":"0.01"}}'
)

CATALOGUE = f"""
INSERT INTO incidents_service (slug, name, environment, criticality, autonomy, stateless, team, factors, targets,
    signals)
SELECT 'service-' || k, 'Service ' || k, 'prod', 'normal', 'observe', true, 'team-' || k %% 40, '{{}}', '{{}}', '{{}}'
FROM generate_series(0, {SERVICES - 1}) k;
INSERT INTO connectors_source (slug, kind, name, token_sha256, autonomy, is_active, created_at, topics,
    certificates, last_delivery_at)
SELECT 'source-' || k, 'alertmanager', 'Source ' || k, encode(sha256(k::text::bytea), 'hex'), 'observe', true,
    now() - interval '40 days', '[]', '[]', now() FROM generate_series(0, {SOURCES - 1}) k;
"""

# The square of a random number: few services are loud and most are quiet, as it is everywhere.
INCIDENTS = f"""
INSERT INTO incidents_incident (id, title, state, severity, service, services, environment, autonomy, opened_at,
    began_at, last_activity_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by, closed_at, closed_by,
    held_by, called_because, storm_count)
OVERRIDING SYSTEM VALUE
SELECT k, 'Error rate of ' || service || ' is high (' || k || ')', state, severity, service,
    jsonb_build_array(service, other), 'prod', 'observe', at, at - interval '1 minute', at,
    CASE WHEN state <> 'OPEN' THEN at END, '', CASE WHEN over THEN least(at + interval '1 hour', now()) END, '',
    CASE WHEN state = 'CLOSED' THEN least(at + interval '2 hours', now()) END, '', '', 'An agent could not tell why.', 0
FROM (
    SELECT k, at, 'service-' || floor({SERVICES} * r1 * r1) AS service, 'service-' || floor({SERVICES} * r2) AS other,
        (ARRAY['S1','S2','S3','S3','S3','S4'])[1 + floor(6 * r3)::int] AS severity,
        CASE WHEN r4 < live THEN 'OPEN' WHEN r4 < 2 * live THEN 'ACKNOWLEDGED' WHEN r4 < 0.4 THEN 'RESOLVED'
            ELSE 'CLOSED' END AS state,
        r4 >= 2 * live AS over
    FROM (
        SELECT k, random() AS r1, random() AS r2, random() AS r3, random() AS r4,
            CASE WHEN k > %(incidents)s - 40 THEN 0.4 WHEN k > %(incidents)s * 0.98 THEN 0.2 ELSE 0.002 END AS live,
            now() - interval '30 days' + interval '30 days' * (k::float / %(incidents)s) AS at
        FROM generate_series(1, %(incidents)s) k OFFSET 0
    ) random_numbers OFFSET 0
) drawn;
"""
ALERTS = f"""
INSERT INTO incidents_alert (id, source, fingerprint, status, told, severity, title, description, service, environment,
    labels, links, starts_at, ends_at, last_event_at, first_seen_at, last_seen_at, count, delivery_id, incident_id,
    window_id, is_flapping, team, rule, held_because, autonomy)
OVERRIDING SYSTEM VALUE
SELECT k, source, 'v1:' || encode(sha256((CASE WHEN status = 'resolved' THEN k %% shapes ELSE k END)::text::bytea),
        'hex'), status, status, severity, 'Error rate of ' || service || ' is high on pod-' || k,
    'More than one in a hundred requests to ' || service || ' fail.', service, 'prod',
    jsonb_build_object('alertname', 'ErrorRateHigh', 'service', service, 'severity', severity, 'pod', 'pod-' || k,
        'namespace', 'prod', 'cluster', 'eu-1'),
    '[{{"rel": "source", "url": "https://prometheus.example.com/graph?g0.expr=1"}}]', at,
    CASE WHEN status = 'resolved' THEN at + interval '10 minutes' END, at, at, at, 1 + k %% 3,
    md5(k::text), incident_id, NULL, false, '', '', '', 'observe'
FROM (
    SELECT k, at, incident_id, shapes, 'source-' || floor({SOURCES} * r1 * r1) AS source,
        CASE WHEN r2 < 0.8 THEN i.service ELSE 'service-' || floor({SERVICES} * r3 * r3) END AS service,
        CASE WHEN r4 < 0.03 THEN 'critical' WHEN r4 < 0.15 THEN 'high' WHEN r4 < 0.999 THEN 'warning' ELSE 'info' END
            AS severity,
        CASE WHEN i.state NOT IN ('OPEN', 'ACKNOWLEDGED') OR r5 < 0.5 THEN 'resolved' WHEN r5 < 0.95 THEN 'firing'
            WHEN r5 < 0.97 THEN 'acknowledged' WHEN r5 < 0.99 THEN 'suppressed' ELSE 'pending' END AS status
    FROM (
        SELECT k, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5,
            1 + (%(alerts)s * 0.6)::bigint AS shapes,
            1 + (k - 1) / {AN_INCIDENT} AS by_time,
            now() - interval '30 days' + interval '30 days' * (k::float / %(alerts)s) AS at
        FROM generate_series(1, %(alerts)s) k OFFSET 0
    ) random_numbers
    JOIN incidents_incident i ON i.id = by_time
    CROSS JOIN LATERAL (SELECT CASE WHEN k %% 20 = 0 THEN NULL
        WHEN k BETWEEN %(alerts)s * 0.5 AND %(alerts)s * 0.52 THEN %(incidents)s ELSE by_time END AS incident_id) placed
) drawn;
UPDATE incidents_incident SET title = 'A storm of alerts', state = 'OPEN', resolved_at = NULL, closed_at = NULL,
    services = '[]', service = '',
    storm_count = (SELECT count(*) FROM incidents_alert WHERE incident_id = %(incidents)s) WHERE id = %(incidents)s;
"""
REMEDIES = f"""
INSERT INTO audit_document (sha256, media_type, content, created_at)
SELECT encode(sha256(content), 'hex'), 'application/json', content, now() FROM (
    SELECT convert_to('{CHANGE}', 'UTF8') AS content FROM incidents_incident WHERE id %% 4 = 0 AND storm_count = 0
) written;
INSERT INTO approvals_change (digest, uid, version, incident, intent, tier, score, covered_by, created_at)
SELECT sha256, md5(sha256), 1, 'incident:' || substring(convert_from(content, 'UTF8') FROM 'incident:([0-9]+)'),
    'revert commit 1a2b3c4 in prod', 'HIGH', 7, '[["service:prod/service-1"]]', now()
FROM audit_document WHERE convert_from(content, 'UTF8') LIKE '{{"diffs":[{{"path":"payments.json"%%';
INSERT INTO approvals_approvalrequest (id, state, route, needed, sentence, rule, policy_sha256, ruling, created_at,
    expires_at, execute_by, settled_at, change_id)
OVERRIDING SYSTEM VALUE
SELECT i.id, CASE WHEN waits THEN 'PENDING' ELSE 'GRANTED' END, 'single', 1, 'One person signs.', 'default',
    repeat('0', 64), '{{}}', i.opened_at, now() + interval '1 day', now() + interval '2 days',
    CASE WHEN NOT waits THEN i.opened_at END, c.digest
FROM approvals_change c JOIN incidents_incident i ON c.incident = 'incident:' || i.id
CROSS JOIN LATERAL (SELECT i.id IN (SELECT id FROM incidents_incident WHERE id %% 4 = 0 AND storm_count = 0
    AND state IN ('OPEN', 'ACKNOWLEDGED') ORDER BY id DESC LIMIT {WAITING}) AS waits) asked;
INSERT INTO agents_remediation (incident_id, state, reason, note, doing, revision, change_digest, request_id,
    lease_owner, attempts, stages, parameters, started_at, ended_at)
SELECT i.id, CASE WHEN r.state = 'PENDING' THEN 'AWAITING_APPROVAL' WHEN r.id IS NOT NULL THEN 'COMPLETED'
        ELSE 'FAILED' END, CASE WHEN r.id IS NULL THEN 'unknown-cause' ELSE '' END, 'No known pattern.', '', 0,
    coalesce(r.change_id, ''), r.id, '', 1, '{{}}', '{{}}', i.opened_at,
    CASE WHEN r.state IS DISTINCT FROM 'PENDING' THEN i.opened_at END
FROM incidents_incident i LEFT JOIN approvals_approvalrequest r ON r.id = i.id;
"""
TRAIL = """
INSERT INTO connectors_delivery (uid, received_at, headers, body, sha256, state, attempts, events_count, warnings,
    error, processed_at, source_id, batch, replays, verdict)
SELECT delivery_id, at, '{"content-type": "application/json"}', '{}', encode(sha256(delivery_id::bytea), 'hex'),
    CASE WHEN a.id %% 2000 = 0 THEN 'DEAD' ELSE 'DONE' END, 1, 1, '[]', '', at, s.id, '', 0, ''
FROM incidents_alert a JOIN connectors_source s ON s.slug = a.source
CROSS JOIN LATERAL (SELECT a.first_seen_at AS at) told ORDER BY a.id;
INSERT INTO connectors_tally (source_id, at, count, dead, unclassified)
SELECT source_id, date_bin('10 minutes', received_at, 'epoch'::timestamptz), count(*),
    count(*) FILTER (WHERE state = 'DEAD'), 0 FROM connectors_delivery GROUP BY 1, 2;
INSERT INTO audit_entry (id, uid, at, actor, verb, subject, body, facts, facts_salt)
OVERRIDING SYSTEM VALUE
SELECT %(entries)s + id, md5('entry' || id), first_seen_at, 'service:intake', 'alert.fired',
    'incident:' || coalesce(incident_id, 0), convert_to('{"verb":"alert.fired"}', 'UTF8'),
    convert_to('{"fingerprint":"' || fingerprint || '","title":"' || title || '"}', 'UTF8'), ''
FROM incidents_alert ORDER BY id;
INSERT INTO audit_leaf (seq, leaf_hash, entry_id)
SELECT row_number() OVER (ORDER BY id) - 1, sha256(body), id FROM audit_entry
WHERE id NOT IN (SELECT entry_id FROM audit_leaf);
DELETE FROM audit_pending;
"""


def fill(url: str, alerts: int) -> None:
    """Fill a migrated, otherwise empty database with so many alerts and what belongs to them."""
    with psycopg.connect(url, autocommit=True) as link, psycopg.ClientCursor(link) as cursor:
        cursor.execute("SELECT setseed(0.5)")
        entries = cursor.execute("SELECT coalesce(max(id), 0) FROM audit_entry").fetchone()[0]
        numbers = {"alerts": alerts, "incidents": max(1, alerts // AN_INCIDENT), "entries": entries}
        for part in (CATALOGUE, INCIDENTS, ALERTS, "ANALYZE incidents_incident", REMEDIES, TRAIL):
            cursor.execute(part, numbers)
        for table in ("incidents_alert", "incidents_incident", "approvals_approvalrequest", "audit_entry"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
