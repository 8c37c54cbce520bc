-- compat: 5
-- Guests that have gone never come back: what they have read is of no use to anybody.

DELETE FROM markers WHERE principal_id IN (SELECT id FROM principals WHERE kind = 'ghost' AND NOT active);
