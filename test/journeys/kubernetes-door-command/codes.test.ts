import { join } from 'node:path'
import { hashCode } from '@joinery/protocol'
import { CodeTemplateSpec } from '@joinery/protocol/door'
import t from 'tap'
import { openBehindFront, openBehindFrontWithoutReader, written } from './behind-the-front.ts'

const posts = /^POST .*\/codes/
const gets = /^GET .*\/codes\/\w/

/** True if the time is so many milliseconds after a moment since then, but for the second that it is rounded to. */
const isAfter = (since: number, milliseconds: number, time: string): boolean => {
  const moment = Date.parse(time) - milliseconds
  return moment > since - 1_000 && moment < Date.now() + 1_000
}

t.test('only the hash of a code leaves the machine, and the code is in nothing but the output', async (t) => {
  const { pairing, front, joinery } = await openBehindFront(t)
  const words = ['code', 'create', '--name', 'edge-1', '--ttl', '1h', '--label', 'rack=r7', '--taint', 'a=b:NoSchedule']
  const gates = ['--ready-when', 'condition:example.org/Storage']
  const begun = Date.now()
  const { exitCode, out, err } = await joinery(
    ...words,
    ...gates,
    '--from',
    '192.0.2.0/24',
    '--remediate',
    'off',
    '--credential',
    'token',
    '--no-prefetch'
  )
  t.equal(exitCode, 0, err)
  const code = out.trim()
  const [made] = front.requests.filter(({ line }) => posts.test(line))
  const { metadata, spec } = JSON.parse(made?.body ?? '{}')
  t.match(spec, {
    hash: hashCode(code),
    name: 'edge-1',
    role: 'worker',
    labels: { rack: 'r7' },
    taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
    readyWhen: ['condition:example.org/Storage'],
    from: ['192.0.2.0/24'],
    policy: { remediate: 'off', ignore: { length: 0 } },
    credential: 'token',
    prefetch: false,
    by: 'alice'
  })
  t.equal(metadata.name, spec.hash)
  t.ok(isAfter(begun, 3_600_000, spec.expires), spec.expires)
  const secret = code.slice('jny_'.length)
  for (const { line, body } of front.requests) t.notOk(`${line}${body}`.includes(secret), line)
  t.notOk(err.includes(secret))
  t.notOk(pairing.log.includes(secret))
})

t.test('C14: a code is deleted if the cluster keeps anything of its Code as another one', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  const asked = ['--ready-when', 'condition:A', '--from', '192.0.2.0/24', '--recover', 'never', '--proof']
  const changed = /something in the cluster changed the Code before it was kept: FIELD\n.*joinery cluster doctor/s
  const dropped =
    /the cluster does not know FIELD of a Code: .* earlier version\nremedy: on the host.*joinery-server setup/s
  const rows: [field: string, value: unknown, words: RegExp][] = [
    ['readyWhen', undefined, dropped],
    ['proof', undefined, dropped],
    ['proof', false, changed],
    ['from', ['0.0.0.0/0'], changed],
    ['recover', 'auto 99', changed],
    ['policy', { ignore: ['swap'] }, changed],
    ['role', 'control-plane', changed],
    ['uses', 1000, changed],
    ['expires', '2099-01-01T00:00:00Z', changed],
    ['labels', { a: 'b' }, changed],
    ['by', 'mallory', changed]
  ]
  for (const [field, value, words] of rows) {
    front.answerAs(/^GET .*\/codes\/(\w+)/, (name) => {
      const { spec, ...rest } = front.codes.get(name) as unknown as { spec: object }
      return JSON.stringify({ ...rest, spec: { ...spec, [field]: value }, status: { state: 'open', used: 0 } })
    })
    const ran = await joinery('code', 'create', ...asked)
    t.match(ran, { exitCode: 6, out: '', err: new RegExp(words.source.replace('FIELD', field), 's') }, field)
    t.equal(front.codes.size, 0, `${field}: nobody has it`)
  }
})

t.test('a code that the server refuses ends with its problem, and is deleted', async (t) => {
  const { front, joinery, answerCodes } = await openBehindFrontWithoutReader(t)
  answerCodes({ state: 'refused', code: 'invalid-name', message: 'worker_1 is no name of a Node', used: 0 })
  t.match(await joinery('code', 'create'), {
    exitCode: 2,
    out: '',
    err: 'error: worker_1 is no name of a Node (invalid-name)\n'
  })
  t.equal(front.codes.size, 0)
})

t.test('what an operator should know of an open code is a warning', async (t) => {
  const { joinery, answerCodes } = await openBehindFrontWithoutReader(t)
  answerCodes({ state: 'open', used: 0, message: 'edge-1 has another open code' })
  t.match(await joinery('code', 'create', '--name', 'edge-1'), {
    exitCode: 0,
    err: /\nWarning: edge-1 has another open code\n/
  })
})

t.test('who may not invite is denied in the words of the policy, and there is no code', async (t) => {
  const { front, joineryAs } = await openBehindFront(t)
  front.verbs.set('bob', ['invite'])
  t.match(await joineryAs('bob', ['code', 'create']), { exitCode: 0 })
  const control = await joineryAs('bob', ['code', 'create', '--role', 'control-plane', '--name', 'cp-2'])
  t.match(control, {
    exitCode: 4,
    out: '',
    err: /^error: bob may not invite-control-plane machines\nremedy: ask an administrator/
  })
  t.equal(front.codes.size, 1)
})

t.test('C1, C2: who may invite and not approve makes no code that decides, and is told so', async (t) => {
  const { front, joineryAs } = await openBehindFront(t)
  front.verbs.set('ivan', ['invite'])
  for (const words of [['--proof'], ['--recover', 'auto 99'], ['--ignore-preflight', 'swap']]) {
    const ran = await joineryAs('ivan', ['code', 'create', ...words])
    t.match(ran, { exitCode: 4, out: '', err: /^error: ivan may not approve enrolments/ }, words.join(' '))
    const made = await joineryAs('alice', ['code', 'create', ...words, '-o', 'json'])
    t.equal(made.exitCode, 0, made.err)
    t.match(JSON.parse(made.out), { proof: words[0] === '--proof' })
  }
  t.match(await joineryAs('ivan', ['code', 'create', '--recover', 'never']), { exitCode: 0 })
})

t.test('a command that is cut before its code is there has made none', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  front.fault({ request: posts, answer: 'cut' })
  const { exitCode, out, err } = await joinery('code', 'create')
  t.same([exitCode, out], [1, ''])
  t.match(
    err,
    /error: the code [0-9a-f]{64} was given to nobody and is not in the cluster\nremedy: make another one\n$/
  )
  t.equal(front.codes.size, 0)
  front.fault({ request: posts, answer: { status: 429, message: 'too many' } })
  t.match(await joinery('code', 'create'), {
    exitCode: 1,
    err: 'error: the API server cannot serve now (429): too many\n'
  })
})

t.test('a command that loses the answer to its code finds it by its hash, and hands it over', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  front.fault({ request: posts, answer: 'cut', carriedOut: true })
  const { exitCode, out } = await joinery('code', 'create')
  t.equal(exitCode, 0)
  t.same([...front.codes.keys()], [hashCode(out.trim())])
})

t.test('a code that nobody could be given is deleted, or the error says how to revoke it', async (t) => {
  const { front, joinery, joineryAs, cutOff } = await openBehindFront(t)
  const deliver = async () => {
    throw new Error('the disk is full')
  }
  t.match(await joineryAs('alice', ['code', 'create'], { deliver }).catch((error) => error.message), 'the disk is full')
  t.equal(front.codes.size, 0)
  await cutOff()
  const silent = await joinery('code', 'create')
  t.match(silent, {
    exitCode: 5,
    out: '',
    err: /^error: no answer of the pairing server within 60 s\n[\s\S]*was given to nobody and is revoked\n/
  })
  t.equal(front.codes.size, 0)
  front.fault({ request: /^DELETE .*\/codes/, answer: { status: 500, message: 'etcd' } })
  const left = await joinery('code', 'create')
  const [hash] = front.codes.keys()
  t.match(left, { exitCode: 5, out: '' })
  t.ok(
    left.err.endsWith(
      `error: the code ${hash} was given to nobody and may be open: the API server cannot serve now (500): etcd\nremedy: joinery code revoke ${hash}\n`
    ),
    left.err
  )
})

t.test('Ctrl-C while the server is silent says which code may be open', async (t) => {
  const { joineryAs } = await openBehindFrontWithoutReader(t)
  let told: (() => void) | undefined
  const { err } = await joineryAs('alice', ['code', 'create'], {
    onInterrupt: (now) => {
      told = now
      return () => {
        told = undefined
      }
    },
    pause: async () => {
      told?.()
      told = undefined
    }
  })
  t.match(err, /^the code ([0-9a-f]{64}) was given to nobody and may be open\nto do: joinery code revoke \1\n/)
})

t.test(
  'an answer of the server that comes late, and an API server that is away meanwhile, are waited for',
  async (t) => {
    const { front, joinery } = await openBehindFront(t)
    front.fault({ request: gets, answer: { status: 503 }, times: 2 })
    front.fault({ request: gets, answer: 'cut' })
    t.match(await joinery('code', 'create'), { exitCode: 0, out: /^jny_/ })
  }
)

t.test('two commands at once make two codes', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  const ran = await Promise.all([joinery('code', 'create'), joinery('code', 'create')])
  t.same(new Set(ran.map(({ out }) => hashCode(out.trim()))), new Set(front.codes.keys()))
  t.equal(front.codes.size, 2)
})

t.test('a hostile answer about a code is not believed, and the code is not handed over', async (t) => {
  const { front, joinery, answerCodes } = await openBehindFrontWithoutReader(t)
  for (const [body, why] of [
    ['{}', /does not fit/],
    ['<html>', /not one of an API server/],
    ['{"metadata":{"name":"x"},"status":{"state":"open","used":0}}', /does not fit/]
  ] as const) {
    front.answerAs(gets, () => body)
    t.match(await joinery('code', 'create'), { exitCode: 1, out: '', err: why }, body)
  }
  answerCodes({ state: 'used', used: 1 })
  t.match(await joinery('code', 'create'), {
    exitCode: 6,
    out: '',
    err: /^error: the code is used before anybody has it\n/
  })
  t.equal(front.codes.size, 0)
})

t.test('revoke deletes the Code, also if the answer is lost', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  const made = await joinery('code', 'create')
  const hash = hashCode(made.out.trim())
  front.fault({ request: /^DELETE/, answer: 'cut', carriedOut: true })
  t.match(await joinery('code', 'revoke', `code/${hash}`), { exitCode: 0, out: `code/${hash} revoked\n` })
  t.match(await joinery('code', 'revoke', hash), { exitCode: 3 })
  const second = hashCode((await joinery('code', 'create')).out.trim())
  front.fault({ request: /^DELETE/, answer: 'cut' })
  t.match(await joinery('code', 'revoke', second), { exitCode: 1, out: '' })
  t.ok(front.codes.has(second), 'it is still there')
})

t.test('a template says what no option says, and options win', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  const begun = Date.now()
  front.template('edge', {
    name: 'edge-{n}',
    role: 'worker',
    uses: 5,
    labels: { rack: 'r7' },
    ttl: 7200,
    prefetch: true
  })
  const made = async (...words: string[]) => {
    const ran = await joinery('code', 'create', '--template', 'edge', ...words)
    t.equal(ran.exitCode, 0, ran.err)
    return front.codes.get(hashCode(ran.out.trim())) as unknown as {
      spec: Record<string, unknown> & { expires: string }
    }
  }
  const { spec } = await made()
  t.match(spec, { name: 'edge-{n}', uses: 5, labels: { rack: 'r7' }, prefetch: true })
  t.ok(isAfter(begun, 7_200_000, spec.expires), spec.expires)
  const typed = await made('--name', 'edge-7', '--uses', '1', '--label', 'a=b', '--ttl', '30m', '--no-prefetch')
  t.match(typed.spec, { name: 'edge-7', uses: 1, labels: { a: 'b' }, prefetch: false })
  t.notOk('rack' in (typed.spec.labels as object))
  t.ok(isAfter(begun, 1_800_000, typed.spec.expires), typed.spec.expires)
  front.template('bent', { role: 'emperor' })
  t.match(await joinery('code', 'create', '--template', 'bent'), {
    exitCode: 1,
    err: /bent of codetemplates\.joinery\.dev does not fit/
  })
  for (const name of ['none', '../edge', '']) {
    t.match(
      await joinery('code', 'create', '--template', name),
      { exitCode: 3, err: /the cluster has no CodeTemplate/ },
      name
    )
  }
  t.equal(written(front).length, 2)
})

t.test('C13: all that a template says is shown before there is a code, and a person is asked', async (t) => {
  const { front, joineryAs } = await openBehindFront(t)
  const values: Record<keyof CodeTemplateSpec, [value: unknown, shown: RegExp]> = {
    name: ['cp-2', /^Name: +cp-2$/m],
    role: ['control-plane', /^Role: +control-plane$/m],
    uses: [1, /^Uses: +1$/m],
    ttl: [5400, /^Lifetime: +1h30m$/m],
    from: [['192.0.2.0/24', '2001:db8::/32'], /^From: +192\.0\.2\.0\/24, 2001:db8::\/32$/m],
    labels: [{ rack: 'r7', row: '9' }, /^Labels: +rack=r7\n +row=9$/m],
    taints: [[{ key: 'a', value: 'b', effect: 'NoSchedule' }], /^Taints: +a=b:NoSchedule$/m],
    readyWhen: [['condition:A'], /^Ready when: +condition:A$/m],
    policy: [{ remediate: 'safe', ignore: ['swap', 'mtu'] }, /^Remediate: +safe\nIgnores: +swap, mtu$/m],
    credential: ['certificate', /^Credential: +certificate$/m],
    prefetch: [true, /^Prefetch: +on$/m],
    recover: ['auto 99', /^Recover: +auto 99$/m],
    proof: [true, /^Proof: +yes$/m]
  }
  t.same(Object.keys(values).sort(), Object.keys(CodeTemplateSpec.properties).sort(), 'a new field has a row')
  front.template('all', Object.fromEntries(Object.entries(values).map(([field, [value]]) => [field, value])))
  const words = ['code', 'create', '--template', 'all']
  const asked: string[] = []
  const answers = (answer: string) => ({
    ask: async (question: string) => {
      asked.push(`${front.codes.size} ${question}`)
      return answer
    }
  })
  const refused = await joineryAs('alice', words, answers('n'))
  t.match(refused, { exitCode: 1, out: '', err: /no code is made: the answer was not yes/ })
  for (const [field, [, shown]] of Object.entries(values)) t.match(refused.err, shown, field)
  t.equal(front.codes.size, 0)
  t.match(await joineryAs('alice', words, answers('y')), { exitCode: 0 })
  t.same(asked, ['0 Make this code? [y/N] ', '0 Make this code? [y/N] '])
  t.match(await joineryAs('alice', [...words, '--yes'], answers('n')), { exitCode: 0, err: /^Proof: +yes$/m })
  const script = await joineryAs('alice', [...words, '--recover', 'ask'])
  t.match(script, { exitCode: 0, err: /^Recover: +ask$/m }, 'a script shows it too, with what was typed')
  t.equal(asked.length, 2)
  t.equal((await joineryAs('alice', ['code', 'create'], answers('n'))).exitCode, 0, 'what was typed is not asked about')
})

t.test('user-data has what the pairing server signed, and a server without a package gives none', async (t) => {
  const { front: bare, joinery: without } = await openBehindFront(t)
  t.match(await without('cloud-init', '--name', 'edge-1'), {
    exitCode: 1,
    out: '',
    err: /has no agent package to hand out; the code is revoked/
  })
  t.equal(bare.codes.size, 0)
  const agentPackage = join(t.testdir({ 'agent.deb': 'a package' }), 'agent.deb')
  const { pairing, front, joinery } = await openBehindFront(t, { agentPackage })
  const { exitCode, out, err } = await joinery('cloud-init', '--name', 'edge-1')
  t.equal(exitCode, 0, err)
  t.match(out, /^#cloud-config\n/)
  t.ok(out.includes(pairing.pin))
  const [code = ''] = /jny_[0-9A-Z]{28}/.exec(out) ?? []
  t.same([...front.codes.keys()], [hashCode(code)])
})
