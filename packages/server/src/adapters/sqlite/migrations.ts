import type { DatabaseSync } from 'node:sqlite'
import { auditSchema } from './audit/sqlite-audit.ts'
import { logSchema } from './mirror/log-tables.ts'
import { attemptsOfJoin, fillAttempts, headsSchema } from './sqlite-heads.ts'
import { noticesSchema } from './sqlite-notices.ts'
import { withSum } from './summed.ts'
import { textInParts } from './versions/in-parts.ts'

export interface Migration {
  /** Part of the store that the step changes, in words. */
  what: string
  up: (database: DatabaseSync) => void
}

const sql =
  (text: string): Migration['up'] =>
  (database) =>
    database.exec(text)

/**
 * Steps that make a store what it is: the n-th makes version n from version n - 1. A released step never changes, and
 * its text does not follow the names that the program has for states today. A change that needs another table, column
 * or index appends a step. The unique indexes are the last word on single use: whatever a caller decided, two rows
 * cannot both be true.
 */
export const migrations: readonly Migration[] = [
  {
    what: 'codes, enrolments and timelines',
    up: sql(`
CREATE TABLE IF NOT EXISTS codes (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS enrolments (
  id TEXT PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, since TEXT NOT NULL,
  revision INTEGER NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS timeline (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, actor TEXT NOT NULL, entry TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL) STRICT;`)
  },
  {
    // stores of version 1 have some of these, made by one or another definition: none is trusted
    what: 'outsiders, and each index by its present definition',
    up: sql(`
CREATE TABLE IF NOT EXISTS outsiders (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
DROP INDEX IF EXISTS codes_by_package;
DROP INDEX IF EXISTS codes_by_name;
DROP INDEX IF EXISTS unused_codes;
DROP INDEX IF EXISTS one_live_enrolment_per_key;
DROP INDEX IF EXISTS one_holder_per_name;
DROP INDEX IF EXISTS enrolments_by_key;
DROP INDEX IF EXISTS enrolments_by_name;
DROP INDEX IF EXISTS enrolments_by_state;
DROP INDEX IF EXISTS enrolments_by_state_since;
DROP INDEX IF EXISTS names_after_a_claim;
DROP INDEX IF EXISTS timeline_by_subject;
DROP INDEX IF EXISTS alerts;
CREATE INDEX codes_by_package ON codes
  (CASE WHEN json_valid(document) AND document ->> '$.revoked' IS NULL THEN document ->> '$.package' END);
CREATE INDEX codes_by_name ON codes (document ->> '$.name') WHERE json_valid(document);
CREATE INDEX unused_codes ON codes (document ->> '$.expires', document ->> '$.name')
  WHERE json_valid(document) AND document ->> '$.enrolment' IS NULL AND document ->> '$.revoked' IS NULL;
CREATE UNIQUE INDEX one_live_enrolment_per_key ON enrolments (key)
  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'frozen');
CREATE UNIQUE INDEX one_holder_per_name ON enrolments (name)
  WHERE state IN ('approved', 'joining', 'joined', 'ready');
CREATE INDEX enrolments_by_key ON enrolments (key);
CREATE INDEX enrolments_by_name ON enrolments (name);
CREATE INDEX enrolments_by_state_since ON enrolments (state, since);
CREATE INDEX names_after_a_claim ON enrolments (name)
  WHERE state NOT IN ('pending', 'approved', 'joining', 'joined', 'ready', 'frozen', 'failed')
  AND json_valid(document) AND json_array_length(document, '$.attempts') > 0;
CREATE INDEX timeline_by_subject ON timeline (subject, actor);
CREATE INDEX alerts ON timeline (sequence) WHERE json_valid(entry) AND entry ->> '$.alert' = 1;`)
  },
  {
    what: 'attempts, and what is unsettled, by which heads are found',
    up: sql(`${headsSchema}${fillAttempts}`)
  },
  {
    // a document that is damaged already gets no checksum, and so stays damaged
    what: 'a checksum in each document and entry',
    up: (database) => {
      database.function('with_sum', (text, revision) => withSum(String(text), Number(revision)))
      database.exec(`
UPDATE codes SET document = with_sum(document, revision) WHERE json_valid(document);
UPDATE enrolments SET document = with_sum(document, revision) WHERE json_valid(document);
UPDATE outsiders SET document = with_sum(document, revision) WHERE json_valid(document);
UPDATE timeline SET entry = with_sum(entry, 0) WHERE json_valid(entry);`)
    }
  },
  {
    what: 'a probe that is as large as a commit',
    up: sql('ALTER TABLE probe ADD COLUMN room BLOB')
  },
  {
    what: 'the time at which it came out of a backup',
    up: sql(`
CREATE TABLE restored (id INTEGER PRIMARY KEY CHECK (id = 1), at TEXT) STRICT;
INSERT INTO restored VALUES (1, NULL);`)
  },
  {
    what: 'the names that are noted as banned, by which the ban list is compared',
    up: sql(`
CREATE INDEX names_noted_banned ON enrolments (name)
  WHERE json_valid(document) AND document ->> '$.certificateBanned' = 1;`)
  },
  {
    // a store with something in it may be older than what the cluster knows by now
    what: 'the generation, which tells an older store from the one that the cluster knows',
    up: sql(`
CREATE TABLE generation (
  id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, origin TEXT CHECK (origin IN ('empty', 'restored'))
) STRICT;
INSERT INTO generation SELECT 1, 0, CASE
  WHEN EXISTS (SELECT 1 FROM codes) OR EXISTS (SELECT 1 FROM enrolments) OR EXISTS (SELECT 1 FROM timeline) THEN NULL
  ELSE 'empty' END;`)
  },
  {
    what: 'the Decisions of the cluster that are settled, each of which is applied once',
    up: sql(`
CREATE TABLE decisions (uid TEXT PRIMARY KEY, at TEXT NOT NULL, document TEXT NOT NULL) STRICT;
CREATE INDEX decisions_by_time ON decisions (at);`)
  },
  {
    what: 'the codes that end when their Code in the cluster goes',
    up: sql(`
CREATE INDEX codes_of_objects ON codes (id) WHERE json_valid(document) AND document ->> '$.object.uid' IS NOT NULL
  AND document ->> '$.object.cleared' IS NULL AND document ->> '$.revoked' IS NULL;`)
  },
  {
    // the program before it does not know the state, and would let another machine have the key and the name
    what: 'the state recovering, in which an enrolment has its key and its name',
    up: sql(`
DROP INDEX one_live_enrolment_per_key;
DROP INDEX one_holder_per_name;
DROP INDEX names_after_a_claim;
CREATE UNIQUE INDEX one_live_enrolment_per_key ON enrolments (key)
  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering', 'frozen');
CREATE UNIQUE INDEX one_holder_per_name ON enrolments (name)
  WHERE state IN ('approved', 'joining', 'joined', 'ready', 'recovering');
CREATE INDEX names_after_a_claim ON enrolments (name)
  WHERE state NOT IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering', 'frozen', 'failed')
  AND json_valid(document) AND json_array_length(document, '$.attempts') > 0;`)
  },
  {
    what: 'the queue of notices to webhooks',
    up: sql(noticesSchema)
  },
  {
    what: 'the leaves of the audit log, and how far the log is',
    up: sql(auditSchema)
  },
  {
    // the program before it would write a file of which the cluster has the truth
    what: 'what the file knows of the log of a cluster that it follows',
    up: sql(logSchema)
  },
  {
    // the program before it would write a number without a MAC
    what: 'that the cluster was told a generation with a MAC, and no other is believed',
    up: sql('ALTER TABLE generation ADD COLUMN sealed INTEGER')
  },
  {
    // it comes with a document of the log, and goes with the commit that settles it
    what: 'the mark by which a log that was taken over as an older copy is settled',
    up: sql('CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 1), why TEXT NOT NULL, before TEXT) STRICT;')
  },
  {
    // the program before it knows enrolments only as flat documents
    what: 'the parts of an enrolment',
    up: (database) => {
      database.function('text_in_parts', (text, revision) => textInParts(String(text), Number(revision)))
      database.exec(`
DROP INDEX names_after_a_claim;
DROP INDEX names_noted_banned;
${attemptsOfJoin}
UPDATE enrolments SET document = text_in_parts(document, revision) WHERE json_valid(document);
CREATE INDEX names_after_a_claim ON enrolments (name)
  WHERE state NOT IN ('pending', 'approved', 'joining', 'joined', 'ready', 'recovering', 'frozen', 'failed')
  AND json_valid(document) AND json_array_length(document, '$.join.attempts') > 0;
CREATE INDEX names_noted_banned ON enrolments (name)
  WHERE json_valid(document) AND document ->> '$.certificates.nameBanned' = 1;`)
    }
  }
]
