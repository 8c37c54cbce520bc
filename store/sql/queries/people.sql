-- name: people.save
INSERT INTO people (principal_id, email) VALUES ($1, $2)
ON CONFLICT (principal_id) DO UPDATE SET email = excluded.email

-- name: people.get
SELECT p.*, e.email FROM people e JOIN principals p ON p.id = e.principal_id WHERE e.principal_id = $1

-- name: people.all
SELECT p.*, e.email FROM people e JOIN principals p ON p.id = e.principal_id ORDER BY p.name
