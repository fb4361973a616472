import { agentRoutes, protocolVersion, type Route } from '@joinery/protocol'
import t from 'tap'
import { fieldsOf, firstFields } from './agent-fields.ts'

const calls: [name: string, route: Route][] = Object.entries(agentRoutes)

t.test(
  'each field of an agent’s body that came after version 1 says since which version servers know it',
  async (t) => {
    for (const [name, { body, since = {} }] of calls) {
      const first = firstFields[name] ?? []
      const later = fieldsOf(body ?? {}).filter((field) => !first.includes(field))
      t.same(
        later,
        Object.keys(since).sort(),
        `${name}: add the field to since of its route, and raise protocolVersion`
      )
      for (const version of Object.values(since)) t.ok(version > 1 && version <= protocolVersion, name)
    }
  }
)

t.test('no field of version 1 is gone: agents of before send it', async (t) => {
  for (const [name, { body }] of calls) {
    const present = fieldsOf(body ?? {})
    t.same(
      (firstFields[name] ?? []).filter((field) => !present.includes(field)),
      [],
      name
    )
  }
})
