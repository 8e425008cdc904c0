-- A table for each kind of value, name and object that a dump might lose or change.
CREATE SCHEMA "Every Value";
SET search_path = "Every Value";

CREATE TYPE mood AS ENUM ('well', 'un"well', 'ärgerlich');
CREATE DOMAIN percentage AS numeric CHECK (VALUE BETWEEN 0 AND 100);
CREATE TYPE pair AS (first text, second bigint);

CREATE TABLE texts (id bigint GENERATED ALWAYS AS IDENTITY (START 9000000000 INCREMENT 7) PRIMARY KEY, body text);
-- every code point that Postgres stores, in blocks of 4096
INSERT INTO texts (body)
SELECT string_agg(chr(point), '' ORDER BY point) FROM generate_series(1, 1114111) AS point
WHERE point NOT BETWEEN 55296 AND 57343 GROUP BY point / 4096 ORDER BY point / 4096;
INSERT INTO texts (body) VALUES
  (NULL), (''), (' '), ('\N'), ('\.'), (E'\\.\n'), (E'a\tb\\tc'), (E'a\r\nb\rc\n'), (E'\x08\x0c\x0b'), ('''";--$$'),
  (repeat(E'long \\ line\t', 1000000)), ((SELECT string_agg(md5(n::text), '') FROM generate_series(1, 200000) AS n));

CREATE TABLE "select" ("from" bytea, "Größe ""x""" double precision, t text);
INSERT INTO "select" SELECT decode(string_agg(lpad(to_hex(n % 256), 2, '0'), ''), 'hex'), 0.1, 't'
FROM generate_series(0, 4194303) AS n;
INSERT INTO "select" VALUES ('', '-0', NULL), ('\x00', 'NaN', ''), ('\x5c2e0a', '-Infinity', 'x'),
  (NULL, 5e-324, 'y'), ('\xff', 1.7976931348623157e308, 'z'), (NULL, 0.1::float4, 'z');

CREATE TABLE others (
  n numeric, p percentage, d date, at timestamptz, span interval, j json, b jsonb, a text[], m mood[], c pair,
  r tstzrange, u uuid, i inet, bits varbit, words tsvector, flag boolean,
  twice numeric GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO others VALUES
  ('NaN', 0, '-infinity', 'infinity', '-178000000 years', '{"a": 1,  "a": 2}', '"\u2028\ud83d\ude00"', '{}', '{}',
   ROW('a,"b"', NULL), 'empty', NULL, '::ffff:1.2.3.4/96', '', '', NULL),
  (repeat('9', 1000)::numeric, 99.999999999999999999, '4713-01-01 BC', '0001-01-01 00:00:00.000001+00 BC',
   '1 mon -1 day 00:00:00.000001', 'null', '{"": {"x": [1.0, 1e400]}}', '{NULL,"NULL","{\"",""}',
   '{"un\"well",ärgerlich}', ROW('', -9223372036854775808), '[2026-03-29 01:59+00,)',
   '00000000-0000-0000-0000-000000000000', '10.0.0.0/8', B'101', 'a:1A b', true),
  (-0.000000000000000000000000000000000001, NULL, '5874897-12-31', '2026-10-25 02:30+02', '0', '[]', 'null',
   '{{a,b},{c,d}}', NULL, NULL, NULL, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'fe80::1', NULL, NULL, false);

CREATE SEQUENCE untouched MINVALUE -5 START 3;
CREATE SEQUENCE backwards AS bigint INCREMENT -1 MINVALUE -9223372036854775808 MAXVALUE -1;
SELECT setval('backwards', -9223372036854775808), setval('"Every Value".untouched', 41, false);

CREATE TABLE parts (day date, word text) PARTITION BY RANGE (day);
CREATE TABLE parts_2025 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE parts_else PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT date '2025-11-01' + n, 'wörd ' || n FROM generate_series(1, 200) AS n;
CREATE UNLOGGED TABLE unlogged AS SELECT * FROM parts;
CREATE UNIQUE INDEX one_null ON unlogged (day, word) NULLS NOT DISTINCT WHERE word <> 'x';
CREATE TABLE empty ();
CREATE TABLE dropped_column (a int, b int, c int NOT NULL);
INSERT INTO dropped_column VALUES (1, 2, 3);
ALTER TABLE dropped_column DROP COLUMN b, ADD CONSTRAINT later CHECK (a > 5) NOT VALID;
CREATE VIEW seen AS SELECT word FROM parts WHERE day > '2026-01-01';
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS number FROM seen;
CREATE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT n * 2 -- \. $$;
CREATE INDEX by_function ON texts (twice(id));
COMMENT ON TABLE texts IS E'two\nlines';
SELECT lo_from_bytea(4711, convert_to(repeat('large object ', 100000), 'UTF8'));
