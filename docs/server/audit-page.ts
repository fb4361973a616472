import { AuditLeaf, leafFields, leafFieldsOf, leafText, ownEvents, timelineEvents } from '@joinery/protocol'

/** The page of the audit log's leaves, from the table that decides what has one. */
export const auditPage = (): string => `<!-- Generated: node_modules/.bin/node docs/server/main.ts -->
# The leaves of the audit log

A leaf says that something was decided, that a credential was given, or what came of it. [The how-to](../how-to/audit.md) says how to
read, copy and verify the log.

A leaf is JSON without spaces. The members of each object stand in the order of their names, and each text is cut at ${leafText} characters. So
a leaf has one text, and its hash says all of it.

| member | what it is |
|---|---|
${Object.entries<{ description?: string }>({ ...(AuditLeaf.properties as object) })
  .map(([name, { description = '' }]) => `| \`${name}\` | ${members[name] ?? description} |`)
  .join('\n')}

## Fields

| field | what it is |
|---|---|
${Object.entries(leafFields)
  .map(([name, what]) => `| \`${name}\` | ${what} |`)
  .join('\n')}

## Events

A field that an event does not have at that moment is absent.

| event | fields |
|---|---|
${[...Object.keys(timelineEvents), ...Object.keys(ownEvents)].flatMap(rowOf).join('\n')}

These events are only in timelines. A machine can cause them as often as it likes, and a leaf stays for ever.

${Object.keys(timelineEvents)
  .filter((event) => fieldsOf(event) === undefined)
  .map((event) => `- \`${event}\``)
  .join('\n')}

## Files

A log is a folder by the year, such as \`/var/lib/joinery-server/audit/2026\`. It has the files of
[C2SP tlog-tiles](https://c2sp.org/tlog-tiles): \`checkpoint\`, \`tile/0/000\`, \`tile/entries/000\` and so on. Hashes are those of RFC 6962.
A checkpoint is a note that is signed with Ed25519. Its origin is \`joinery.dev/CLUSTER/SERVER/YEAR\`. CLUSTER is the beginning of a hash of
the cluster's CA, and SERVER that of a hash of the key that signs. The name of the key that signs a log is the origin of that log.
\`joinery audit key\` prints the key under the name that all logs of the server have in common, and \`joinery audit key --log 2026\` under that of
one log.
`

const members: Readonly<Record<string, string>> = {
  event: 'one of the events below',
  fields: 'the fields below that the event has'
}

const fieldsOf = (event: string): readonly string[] | undefined =>
  Object.hasOwn(ownEvents, event) ? ownEvents[event as keyof typeof ownEvents] : leafFieldsOf(event)

const rowOf = (event: string): string[] => {
  const fields = fieldsOf(event)
  return fields === undefined ? [] : [`| \`${event}\` | ${fields.map((field) => `\`${field}\``).join(', ')} |`]
}
