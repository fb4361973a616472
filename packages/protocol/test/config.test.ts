import t from 'tap'
import Type from 'typebox'
import { describeProblems, parseConfig } from '../src/config.ts'

const strict = { additionalProperties: false }
const Config = Type.Object(
  {
    server: Type.String(),
    port: Type.Integer({ default: 7443 }),
    listener: Type.Optional(Type.Object({ tls: Type.Boolean() }, strict))
  },
  strict
)

t.test('a configuration comes with its defaults', async (t) => {
  t.same(parseConfig(Config, 'server: a'), { value: { server: 'a', port: 7443 } })
})

t.test('every problem is told at once, each with its line', async (t) => {
  const text = 'port: many\nlistener:\n  tls: 1\n  tsl: true\nserver: [a]\ncolour: red\n'
  const parsed = parseConfig(Config, text)
  const problems = 'problems' in parsed ? parsed.problems : []
  t.same(describeProblems('agent.yaml', problems).split('\n').sort(), [
    'agent.yaml:1: port: must be integer',
    'agent.yaml:3: listener.tls: must be boolean',
    'agent.yaml:4: listener.tsl: unknown key',
    'agent.yaml:5: server: must be string',
    'agent.yaml:6: colour: unknown key'
  ])
})

t.test('what is no YAML, empty, or has a key twice is a problem too', async (t) => {
  t.match(parseConfig(Config, 'server: "a'), { problems: [{ line: 1 }] })
  t.match(parseConfig(Config, ''), { problems: [{ text: /required.*server/ }] })
  t.match(parseConfig(Config, 'server: a\nserver: b\n'), { problems: [{ line: 2 }] })
  t.match(parseConfig(Config, '- a\n'), { problems: [{ text: /object/ }] })
})
