import type { Mutant } from './mutant.ts'

const fields = {
  file: 'packages/server/src/front/http/routes/agents.ts',
  killedBy: ['test/journeys/door/newer-agents.test.ts']
}

/** Agents and servers of different versions understand one another. */
export const versions: readonly Mutant[] = [
  {
    ...fields,
    name: 'unknown-field-refused',
    text: 'entries.filter(([name]) => Object.hasOwn(properties, name))',
    instead: 'entries',
    rule: 'a server takes an agent that says more than it knows'
  },
  {
    ...fields,
    name: 'unknown-field-of-every-object',
    text: 'Object.hasOwn(properties, name)',
    instead: 'name in properties',
    rule: 'a field is known by the schema, and not by what every object inherits',
    killedBy: ['packages/server/test/front/http/known-fields.test.ts']
  },
  {
    file: 'packages/protocol/src/words/protocol-version.ts',
    name: 'later-field-sent-all-the-same',
    text: 'version > serverVersion)',
    instead: 'version > serverVersion + 1)',
    rule: 'an agent leaves out what the server does not know',
    killedBy: ['packages/protocol/test/protocol-version.test.ts']
  },
  {
    file: 'packages/server/src/front/http/agents-hooks.ts',
    name: 'version-unsaid',
    text: 'reply.header(protocolHeader, String(protocolVersion))',
    instead: 'reply.header(protocolHeader, "1")',
    rule: 'a server says which version of the agents’ API it knows',
    killedBy: ['test/journeys/door/newer-agents.test.ts']
  }
]
