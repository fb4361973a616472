import { hashCode } from '@joinery/protocol'
import t from 'tap'
import { openBehindFront, written } from './behind-the-front.ts'

const posts = /^POST .*\/codes/
const gets = /^GET .*\/codes\/\w/

t.test('only the hash of a code leaves the machine, and the code is in nothing but the output', async (t) => {
  const { pairing, front, joinery } = await openBehindFront(t)
  const words = ['code', 'create', '--name', 'edge-1', '--ttl', '1h', '--label', 'rack=r7', '--taint', 'a=b:NoSchedule']
  const gates = ['--ready-when', 'condition:example.org/Storage']
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
    policy: { remediate: 'off', ignore: [] },
    credential: 'token',
    prefetch: false,
    by: 'alice'
  })
  t.equal(metadata.name, spec.hash)
  const lasts = Date.parse(spec.expires) - Date.now()
  t.ok(lasts > 3_590_000 && lasts < 3_602_000, `${lasts} ms`)
  const secret = code.slice('jny_'.length)
  for (const { line, body } of front.requests) t.notOk(`${line}${body}`.includes(secret), line)
  t.notOk(err.includes(secret))
  t.notOk(pairing.log.includes(secret))
})

t.test('a code is deleted if an earlier definition of a Code drops its gates', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  front.answerAs(/^GET .*\/codes\/(\w+)/, (name) => {
    const { spec, ...rest } = front.codes.get(name) as unknown as { spec: { readyWhen?: string[] } }
    const { readyWhen: _, ...kept } = spec
    return JSON.stringify({ ...rest, spec: kept, status: { state: 'open', used: 0 } })
  })
  t.match(await joinery('code', 'create', '--ready-when', 'condition:A'), {
    exitCode: 6,
    out: '',
    err: /the cluster does not know gates: .*\nremedy: on the pairing server's host: joinery-server setup/s
  })
  t.equal(front.codes.size, 0)
})

t.test('a code that the server refuses ends with its problem, and is deleted', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  front.judge = () => ({ state: 'refused', code: 'invalid-name', message: 'worker_1 is no name of a Node', used: 0 })
  t.match(await joinery('code', 'create'), {
    exitCode: 2,
    out: '',
    err: 'error: worker_1 is no name of a Node (invalid-name)\n'
  })
  t.equal(front.codes.size, 0)
})

t.test('what an operator should know of an open code is a warning', async (t) => {
  const { front, joinery } = await openBehindFront(t)
  front.judge = () => ({ state: 'open', used: 0, message: 'edge-1 has another open code' })
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
  const { front, joinery, joineryAs } = await openBehindFront(t)
  const deliver = async () => {
    throw new Error('the disk is full')
  }
  t.match(await joineryAs('alice', ['code', 'create'], { deliver }).catch((error) => error.message), 'the disk is full')
  t.equal(front.codes.size, 0)
  front.judge = () => undefined
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
  const { front, joineryAs } = await openBehindFront(t)
  front.judge = () => undefined
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
  const { front, joinery } = await openBehindFront(t)
  for (const [body, why] of [
    ['{}', /does not fit/],
    ['<html>', /not one of an API server/],
    ['{"metadata":{"name":"x"},"status":{"state":"open","used":0}}', /does not fit/]
  ] as const) {
    front.answerAs(gets, () => body)
    t.match(await joinery('code', 'create'), { exitCode: 1, out: '', err: why }, body)
  }
  front.judge = () => ({ state: 'used', used: 1 })
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
  front.templates.set('edge', {
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
  t.ok(Math.abs(Date.parse(spec.expires) - Date.now() - 7_200_000) < 10_000)
  const typed = await made('--name', 'edge-7', '--uses', '1', '--label', 'a=b', '--ttl', '30m', '--no-prefetch')
  t.match(typed.spec, { name: 'edge-7', uses: 1, labels: { a: 'b' }, prefetch: false })
  t.notOk('rack' in (typed.spec.labels as object))
  t.ok(Math.abs(Date.parse(typed.spec.expires) - Date.now() - 1_800_000) < 10_000)
  front.templates.set('bent', { role: 'emperor' })
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

t.test('user-data has what the Installation says, and a server without a package gives none', async (t) => {
  const { pairing, front, joinery } = await openBehindFront(t)
  t.match(await joinery('cloud-init', '--name', 'edge-1'), {
    exitCode: 1,
    out: '',
    err: /has no agent package to hand out; the code is revoked/
  })
  t.equal(front.codes.size, 0)
  const { views } = pairing.cluster
  const installation = views.statuses('installations').get('joinery') as object
  front.installation = { ...installation, package: { sha256: 'b'.repeat(64), size: 30_000_000 } }
  const { exitCode, out, err } = await joinery('cloud-init', '--name', 'edge-1')
  t.equal(exitCode, 0, err)
  t.match(out, /^#cloud-config\n/)
  t.ok(out.includes(pairing.pin))
  const [code = ''] = /jny_[0-9A-Z]{28}/.exec(out) ?? []
  t.same([...front.codes.keys()], [hashCode(code)])
})
