-- compat: 5
-- Until the step before, people could give an address for an account that they made for themselves, and nothing proved
-- it. Whoever had that address on a platform could be taken for the account's owner. Both is forgotten: the addresses,
-- and who is known by them.

DELETE FROM relay_identities WHERE EXISTS (
    SELECT 1 FROM audit AS linked
    WHERE linked.action = 'person.linked' AND linked.subject = relay_identities.principal_id
        AND linked.detail LIKE '%"by"%"email"%'
        AND linked.detail LIKE
            '%"' || relay_identities.platform || ':' || workspace || ':' || remote_user || '"%'
) AND EXISTS (
    SELECT 1 FROM audit AS made
    WHERE made.action = 'person.created' AND made.subject = relay_identities.principal_id
        AND made.actor_id = made.subject
        AND made.at < (SELECT step.applied_at FROM schema_migrations AS step WHERE step.number = 11)
);

UPDATE people SET email = NULL WHERE email IS NOT NULL AND EXISTS (
    SELECT 1 FROM audit AS made
    WHERE made.action = 'person.created' AND made.subject = people.principal_id AND made.actor_id = made.subject
        AND made.at < (SELECT step.applied_at FROM schema_migrations AS step WHERE step.number = 11)
);
