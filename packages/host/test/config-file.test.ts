import t from 'tap'
import Type from 'typebox'
import { describeProblems, parseConfig, textLike } from '../src/config-file.ts'

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

t.test('every problem comes at once, each with its line', async (t) => {
  const text = 'port: many\nlistener:\n  tls: 1\n  tsl: true\nserver: [a]\ncolour: red\n'
  const parsed = parseConfig(Config, text)
  const problems = 'problems' in parsed ? parsed.problems : []
  t.same(describeProblems('agent.yaml', problems), [
    'agent.yaml:1: port: must be a whole number',
    'agent.yaml:3: listener.tls: must be true or false',
    'agent.yaml:4: listener.tsl: unknown key',
    'agent.yaml:5: server: must be a text',
    'agent.yaml:6: colour: unknown key'
  ])
})

t.test('a text that is not YAML, is empty or has a key twice is a problem too', async (t) => {
  t.match(parseConfig(Config, 'server: "a'), { problems: [{ line: 1 }] })
  t.same(parseConfig(Config, ''), { problems: [{ text: 'server: is missing' }] })
  t.match(parseConfig(Config, 'server: a\nserver: b\n'), { problems: [{ line: 2 }] })
  t.match(parseConfig(Config, '- a\n'), { problems: [{ text: 'the file: must be keys with values' }] })
})

t.test('a problem is in words: no pattern, the possible values, in the order of the lines', async (t) => {
  const Machine = Type.Object(
    {
      name: Type.String(),
      kind: Type.Enum(['token', 'certificate']),
      address: Type.Optional(textLike('an IP address', (text) => /^[0-9.]+$/.test(text))),
      nested: Type.Optional(Type.Object({ port: Type.Integer() }, strict))
    },
    strict
  )
  const parsed = parseConfig(Machine, 'nested: {}\naddress: eth0\nkind: key\n')
  t.same('problems' in parsed && describeProblems('f', parsed.problems), [
    'f:1: nested.port: is missing',
    'f:2: address: must be an IP address',
    'f:3: kind: must be token or certificate',
    'f: name: is missing'
  ])
})
