import { runWith } from '@joinery/testing/command/operators'
import t from 'tap'
import { readTemplate } from '../../src/template/template.ts'
import { TemplateFault } from '../../src/template/template-fault.ts'

const document = {
  items: [
    { name: 'node-1', state: 'pending', role: 'worker', facts: { cpus: 2, macs: ['a', 'b'] }, labels: { rack: 'r7' } },
    { name: 'node-2', state: 'ready', role: 'worker', facts: { cpus: 8, macs: [] }, labels: { 'x.example/y': 'z' } },
    { name: 'cp-1', state: 'ready', role: 'control-plane', facts: { cpus: 4, macs: ['c'] }, withoutAgent: true }
  ],
  metadata: { continue: 'abc' }
}

const print = (text: string, of: unknown = document): string => readTemplate({ option: '-o jsonpath', text })(of)

t.test('a template prints what kubectl prints for it', async (t) => {
  const rows: [template: string, printed: string][] = [
    ['{.metadata.continue}', 'abc'],
    ['{.items[*].name}', 'node-1 node-2 cp-1'],
    ['{$.items[0].name}', 'node-1'],
    ['{@.items[0].name}', 'node-1'],
    ['{.items[-1].name}', 'cp-1'],
    ['{.items[0:2].name}', 'node-1 node-2'],
    ['{.items[0,2].name}', 'node-1 cp-1'],
    ['{.items[-1:].name}', 'cp-1'],
    ['{.items[::2].name}', 'node-1 cp-1'],
    ["{.items[0]['name','state']}", 'node-1 pending'],
    ["{.items[0].['name']}", 'node-1'],
    ['{.items[0].facts.*}', '2 ["a","b"]'],
    ['{.items[1].labels.x\\.example/y}', 'z'],
    ["{.items[1].labels['x.example/y']}", 'z'],
    ['{..cpus}', '2 8 4'],
    ["{..['cpus']}", '2 8 4'],
    ['{.items[?(@.state=="ready")].name}', 'node-2 cp-1'],
    ["{.items[?(@.state=='ready')].name}", 'node-2 cp-1'],
    ['{.items[?(@.facts.cpus>2)].name}', 'node-2 cp-1'],
    ['{.items[?(@.withoutAgent)].name}', 'cp-1'],
    ['{.items[?(@.labels["rack"]=="r7")].name}', 'node-1'],
    ['{.items[?(@.state=="ready" && @.role!="worker")].name}', 'cp-1'],
    ['{range .items[*]}{.name}{"\\t"}{.state}{"\\n"}{end}', 'node-1\tpending\nnode-2\tready\ncp-1\tready\n'],
    ['{range .items[*]}{.name}:{range .facts.macs[*]}[{@}]{end} {end}', 'node-1:[a][b] node-2: cp-1:[c] '],
    ['{ range .items[*] }{ .name }{ end }', 'node-1node-2cp-1'],
    ['names: {.items[*].name}.\\n', 'names: node-1 node-2 cp-1.\\n'],
    ["{'it is \\'{}\\' '}{3}{-1.5}", "it is '{}' 3-1.5"],
    ['{.items[0].facts}', '{"cpus":2,"macs":["a","b"]}'],
    ['{.items[2].withoutAgent}', 'true'],
    ['{.items[9].name}', ''],
    ['{.nothing.here}', ''],
    ['{.items.name}', ''],
    ['{.range}{.end}', ''],
    ['{.}', JSON.stringify(document)],
    // without braces: one path
    ['.metadata.continue', 'abc'],
    ['metadata.continue', 'abc'],
    ['$.items[0].name', 'node-1'],
    ['items[?(@.state=="ready")].name', 'node-2 cp-1']
  ]
  for (const [template, printed] of rows) t.equal(print(template), printed, template)
})

t.test('the field of an object is its own, and text from a machine stays one line of ASCII', async (t) => {
  t.equal(print('{.constructor}{.__proto__}{.toString}{.items.length}'), '')
  t.equal(print("{['constructor']}{['__proto__','toString']}"), '')
  const evil = { name: 'x\u001b[2J\nNext: joinery approve evil\u202e', in: { '\u001b': '\u001b' } }
  t.equal(print('{.name}', evil), 'x\\u{1b}[2J\\u{a}Next: joinery approve evil\\u{202e}')
  t.equal(print('{.in}', evil), '{"\\u001b":"\\u001b"}')
})

t.test('a mistake in a template is a usage error that points at it', async (t) => {
  const rows: [template: string, message: RegExp, pointed: string][] = [
    ['{.items[*].name', /nothing ends this \{/, '{.items[*].name'],
    ['a {.name} b {.state', /nothing ends this \{/, '{.state'],
    ['{', /nothing ends this \{/, '{'],
    ['{}', /a path begins with a dot/, '}'],
    ['{name}', /a path begins with a dot/, 'name}'],
    ['{.items[0}', /nothing ends this \[/, '[0}'],
    ['{.items[?(@.a=="]")', /nothing ends this \[/, '[?(@.a=="]")'],
    ['{.items[foo]}', /unexpected token/, 'foo]}'],
    ['{.items[]}', /empty bracketed segment/, '[]}'],
    ['{.items[?(@.a=)]}', /./, '=)]}'],
    ['{.items[?(@.a=~"x")]}', /./, '=~"x")]}'],
    ['{.items[?match(@.a, "(a+)+$")]}', /no such function/, 'match(@.a, "(a+)+$")]}'],
    ['{.items[?search(@.a, "a")]}', /no such function/, 'search(@.a, "a")]}'],
    ['{.items[?(@..a)]}', /a filter may ask only for one value/, '@..a)]}'],
    ['{.items[?(@.b || !@.a[*])]}', /a filter may ask only for one value/, '@.a[*])]}'],
    ['{.items[?(@.a == $.b)]}', /a filter may ask only for one value/, '$.b)]}'],
    ['{.items[?(@[?@.a])]}', /a filter may ask only for one value/, '@[?@.a])]}'],
    ['{.a .b}', /a \} is missing here/, '.b}'],
    ['{.a..}x{..}{.a.}{.a,}', /a \} is missing here/, ',}'],
    ['{.a. b}', /a field has no name/, ' b}'],
    ['{"text}', /nothing ends this "/, '"text}'],
    ['{"\\q"}', /this backslash means nothing/, '\\q"}'],
    ['{range .items[*]}{.name}', /no \{end\} ends this \{range\}/, '{range .items[*]}{.name}'],
    ['{.name}{end}', /no \{range\} is open here/, '{end}'],
    ['{range}{end}', /\{range\} needs a path/, '}{end}'],
    ['{range "x"}{end}', /\{range\} needs a path/, '"x"}{end}'],
    ['.name }', /the path ends here, but the text goes on/, ' }'],
    ['', /a path is missing/, ''],
    ['x'.repeat(5000), /at most 4096 characters/, 'x'.repeat(904)]
  ]
  for (const [template, message, pointed] of rows) {
    const what = template.slice(0, 60)
    try {
      print(template)
      t.fail(`no mistake: ${what}`)
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      t.match(error, { exitCode: 2, message }, what)
      const [line = '', pointer = ''] = error.pointer.split('\n')
      t.ok(
        line
          .slice(pointer.length - 1)
          .replace('...', '')
          .startsWith(pointed.slice(0, 30)),
        `${what}: ${error.pointer}`
      )
      t.ok(line.length < 100, what)
    }
  }
})

t.test('the pointer stands below the mistake also if the template has text that steers terminals', async (t) => {
  const { err, exitCode } = await runWith(['list', '-o', 'jsonpath={"\u001b"}{name}'])
  t.equal(
    err,
    `error: -o jsonpath: a path begins with a dot, such as {.name}; text stands in quotes
  {"\\u{1b}"}{name}
             ^
`
  )
  t.equal(exitCode, 2, 'before the server is asked')
})

t.test('no template works or prints without end, whatever is in it', async (t) => {
  const deep = (depth: number): unknown => (depth === 0 ? 'x' : Array.from({ length: 8 }, () => deep(depth - 1)))
  const tree = deep(4)
  const limits = { steps: 200_000, characters: 100_000 }
  const end = (template: string) => () => readTemplate({ option: '-o jsonpath', text: template }, limits)(tree)
  for (const template of [
    `{${'[*,*,*,*,*,*,*,*]'.repeat(4)}}`,
    `{${'..[*]'.repeat(12)}}`,
    `{..[${Array.from({ length: 200 }, () => "'a'").join(',')}]}`,
    `{..[?(${Array.from({ length: 90 }, () => '@[0]==1').join('||')})]}`,
    '{range ..}{range ..}{range ..}{range ..}{.a}{end}{end}{end}{end}'
  ]) {
    t.throws(end(template), { exitCode: 1, message: /^the template looks at too much/ }, template.slice(0, 40))
  }
  t.throws(end('{@}'.repeat(1300)), { exitCode: 1, message: /^the template prints too much/ })
  t.equal(end('{[0][0][0][0]}{..[9].x}')(), 'x', 'what a person asks for is far below')
})

t.test('brackets in a filter are a mistake before they are too deep for the stack', async (t) => {
  for (const character of ['(', '!', '@[0] && (']) {
    for (const length of [950, 3900]) {
      const filter = character.repeat(Math.floor(length / character.length))
      t.throws(() => print(`{[?${filter}]}`), { exitCode: 2, message: /^-o jsonpath: / }, `${character} ${length}`)
    }
  }
})
