/** Stores as earlier programs made them: the text of those days, which nothing here follows. */
export interface EarlierStore {
  name: string
  version: number
  /** Without it: as the steps up to that version make it. */
  schema?: string
}

const tables = `
CREATE TABLE codes (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE TABLE enrolments (
  id TEXT PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, since TEXT NOT NULL,
  revision INTEGER NOT NULL, document TEXT NOT NULL
) STRICT;
CREATE TABLE timeline (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, actor TEXT NOT NULL, entry TEXT NOT NULL
) STRICT;
CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL) STRICT;
`
const outsiders =
  'CREATE TABLE outsiders (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, document TEXT NOT NULL) STRICT;'

const firstIndexes = `
CREATE UNIQUE INDEX one_live_enrolment_per_key ON enrolments (key)
  WHERE state IN ('pending', 'approved', 'joining', 'joined', 'ready', 'frozen');
CREATE UNIQUE INDEX one_holder_per_name ON enrolments (name) WHERE state IN ('approved', 'joining', 'joined', 'ready');
CREATE INDEX enrolments_by_key ON enrolments (key);
CREATE INDEX enrolments_by_name ON enrolments (name);
CREATE INDEX enrolments_by_state_since ON enrolments (state, since);
CREATE INDEX timeline_by_subject ON timeline (subject, actor);
`

export const earlierStores: readonly EarlierStore[] = [
  { name: 'an empty file', version: 0 },
  { name: 'one of before there were outsiders', version: 1, schema: tables + firstIndexes },
  {
    name: 'one with indexes by other definitions',
    version: 1,
    schema: `${tables}${outsiders}
CREATE UNIQUE INDEX one_live_enrolment_per_key ON enrolments (key) WHERE state IN ('pending');
CREATE UNIQUE INDEX one_holder_per_name ON enrolments (name) WHERE state IN ('ready');
CREATE INDEX alerts ON timeline (sequence);
CREATE INDEX timeline_by_subject ON timeline (subject);`
  },
  {
    name: 'one of the last program without numbered steps',
    version: 1,
    schema: `${tables}${outsiders}${firstIndexes}
CREATE INDEX codes_by_package ON codes (
  CASE WHEN json_valid(document) AND document ->> '$.revoked' IS NULL THEN document ->> '$.package' END);
CREATE INDEX codes_by_name ON codes (document ->> '$.name') WHERE json_valid(document);
CREATE INDEX unused_codes ON codes (document ->> '$.expires', document ->> '$.name')
  WHERE json_valid(document) AND document ->> '$.enrolment' IS NULL AND document ->> '$.revoked' IS NULL;
CREATE INDEX names_after_a_claim ON enrolments (name)
  WHERE state NOT IN ('pending', 'approved', 'joining', 'joined', 'ready', 'frozen', 'failed')
  AND json_valid(document) AND json_array_length(document, '$.attempts') > 0;
CREATE INDEX alerts ON timeline (sequence) WHERE json_valid(entry) AND entry ->> '$.alert' = 1;`
  },
  ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((version) => ({
    name: `one of ${version} steps`,
    version
  }))
]
