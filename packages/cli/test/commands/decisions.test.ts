import { type Enrolment, ProblemError } from '@joinery/protocol'
import { detail, enrolment, key, otherKey } from '@joinery/testing/command/fixtures'
import { type Answers, joinery, joineryAsked } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse } from 'yaml'

const approved: Enrolment = { ...enrolment, state: 'approved', revision: 4 }
const answers = { show: () => detail, approve: () => approved, retry: () => approved }
const routes = (calls: readonly { route: string }[]) => calls.map(({ route }) => route)
const line = `node-1: worker, key 4f1c-22ab-0000-0000-0000, seen at 10.0.0.11, revision 3; as the machine claims: machine ${detail.facts.machineId}, preflight fails: swap\n`

t.test('on a terminal approve shows the evidence, asks, and approves exactly that look', async (t) => {
  const { exitCode, out, err, calls, questions } = await joineryAsked(t, answers, ['y'], 'approve', 'node-1')
  t.same(questions, ['Approve node-1? [y/N] '])
  t.same(calls, [
    { route: 'show', reference: 'node-1', body: '' },
    { route: 'approve', reference: 'e1', body: { revision: 3, key } }
  ])
  t.equal(out, 'enrolment/node-1 approved\n')
  t.equal(
    err,
    `Name:         node-1
Role:         worker
Key:          4f1c-22ab-0000-0000-0000
              ${key}
Credential:   token
Address:      10.0.0.11 (seen by the server)
Revision:     3
Facts, as the machine claims them:
  | Hostname:       node-1
  | Machine ID:     0123456789abcdef0123456789abcdef
  | Product UUID:   4c4c4544-0042-3510-8052-b4c04f4e3732
  | Serial:         SN-1
  | MACs:           52:54:00:30:00:01
  | Addresses:      10.0.0.11, fe80::1
  | OS:             Debian GNU/Linux 13 (trixie)
  | Kernel:         6.12.48 x86_64
  | CPUs:           2
  | Memory:         2.0 GiB
  | kubelet:        v1.37.2
  | kubeadm:        v1.37.2
  | Runtime:        containerd 2.1.4
Preflight, as the machine claims it:
  | CHECK   VERDICT   FINDING
  | swap    fail      /dev/sda2 is on
What to do about it; joinery-agent preflight on the machine says more:
  swap   swapoff -a
         # and comment the swap out in /etc/fstab
Checks that pass: 1
Next: joinery show node-1
`
  )
  t.equal(exitCode, 0)
})

t.test('any answer but yes, also the end of the input, is no, and nothing is sent', async (t) => {
  for (const command of ['approve', 'retry']) {
    for (const typed of ['', 'n', 'no', 'node-1', 'yy', 'yes, of course']) {
      const result = await joineryAsked(t, answers, [typed], command, 'node-1')
      t.match(
        result,
        {
          exitCode: 1,
          out: '',
          err: /error: node-1 is not (approved|retried): the answer was not yes\n$/
        },
        JSON.stringify(typed)
      )
      t.same(routes(result.calls), ['show'], typed)
    }
  }
})

t.test('an operator who names the revision, the key or both is not asked', async (t) => {
  for (const words of [
    ['--revision', '3'],
    ['--key', key],
    ['--key', '4F1C-22AB-0000-0000-0000'],
    ['--revision', '3', '--key', '4f1c22ab000000000000']
  ]) {
    for (const command of ['approve', 'retry']) {
      const { exitCode, err, calls } = await joinery(t, answers, command, 'node-1', ...words)
      t.equal(exitCode, 0, err)
      t.ok(err.startsWith(line), err)
      t.match(calls[1], { route: command, reference: 'e1', body: { revision: 3, key } }, command)
    }
  }
})

t.test('approve and retry refuse evidence that has changed, and send nothing', async (t) => {
  const other = '9e3d-07cc-ffff-ffff-ffff'
  for (const command of ['approve', 'retry']) {
    for (const [words, why] of [
      [
        ['--revision', '2'],
        /the evidence of node-1 has changed since: it is at revision 3, not 2\nremedy: look again: joinery show node-1\n$/
      ],
      [['--revision', '4'], /it is at revision 3, not 4/],
      [['--key', other], /node-1 has another key: sha256:4f1c.*\nremedy: compare .* joinery show node-1\n$/],
      [['--revision', '3', '--key', other], /another key/],
      [['--revision', '2', '--key', key], /at revision 3/],
      [['--revision', '2', '--yes'], /at revision 3/]
    ] as const) {
      const result = await joinery(t, answers, command, 'node-1', ...words)
      t.match(result, { exitCode: 6, out: '', err: why }, words.join(' '))
      t.same(routes(result.calls), ['show'], words.join(' '))
    }
  }
})

t.test('the server refuses an approval if the evidence changed after it was shown', async (t) => {
  let look = 0
  const changes: Answers = {
    show: () => ({ ...detail, revision: detail.revision + look++ }),
    approve: ({ body }) => {
      if ((body as { revision: number }).revision !== 4) throw new ProblemError('revision-changed')
      return approved
    }
  }
  const result = await joineryAsked(t, changes, ['y'], 'approve', 'node-1')
  t.match(result, { exitCode: 6, out: '' })
  t.same(routes(result.calls), ['show', 'approve'])
})

t.test('without a terminal, a revision or a key, approve and retry ask nothing of the server', async (t) => {
  for (const command of ['approve', 'retry']) {
    const result = await joinery(t, answers, command, 'node-1')
    t.match(
      result,
      {
        exitCode: 2,
        err: /^error: nothing is (approved|retried); there is no terminal to ask on\nremedy: joinery show NAME prints the command .*\n$/
      },
      command
    )
    t.same(result.calls, [], command)
  }
})

t.test('--yes approves what the server has now, and shows it', async (t) => {
  const { exitCode, err, calls } = await joinery(t, answers, 'approve', 'node-1', '--yes')
  t.same([exitCode, routes(calls)], [0, ['show', 'approve']])
  t.equal(err, `${line}Next: joinery show node-1\n`)
})

t.test('--key and --revision are for one machine, and must have their form', async (t) => {
  for (const [words, why] of [
    [['node-1', 'node-2', '--revision', '3'], /for one machine at a time/],
    [['node-1', 'node-2', '--key', key], /for one machine at a time/],
    [['node-1', '--revision', 'three'], /the number that joinery show prints/],
    [['node-1', '--key', '4f1c-22ab'], /give the key as the machine's console or joinery show prints it: at least 20/]
  ] as const) {
    t.match(
      await joinery(t, answers, 'approve', ...words),
      { exitCode: 2, err: why, calls: { length: 0 } },
      words.join(' ')
    )
  }
})

t.test('approve shows and asks for each of several machines, and a failure does not stop the rest', async (t) => {
  const { exitCode, out, err, calls, questions } = await joineryAsked(
    t,
    {
      show: ({ reference }) => (reference === 'node-8' ? undefined : { ...detail, id: reference, name: reference }),
      approve: ({ reference }) => {
        if (reference === 'node-7') throw new ProblemError('revision-changed', { remedy: 'joinery show node-7' })
        return { ...approved, name: reference }
      }
    },
    ['y', 'n', 'y'],
    'approve',
    'node-7',
    'node-8',
    'node-5',
    'node-9'
  )
  t.same(questions, ['Approve node-7? [y/N] ', 'Approve node-5? [y/N] ', 'Approve node-9? [y/N] '])
  t.equal(out, 'enrolment/node-9 approved\n')
  t.ok(
    err.endsWith(
      `error: The evidence has changed since it was shown (revision-changed)
remedy: joinery show node-7
error: no enrolment is called node-8 (not-found)
error: node-5 is not approved: the answer was not yes
`
    ),
    err
  )
  t.equal(exitCode, 6)
  t.notOk(calls.some(({ route, reference }) => route === 'approve' && reference === 'node-5'))
})

t.test('approve -o json prints a list of what it approved', async (t) => {
  const { out } = await joinery(t, answers, 'approve', 'node-1', 'node-1', '-o', 'json', '--yes')
  t.same(JSON.parse(out), { items: [approved, approved] })
})

t.test('approve takes the references that -o name prints', async (t) => {
  const many = await joinery(t, answers, 'approve', 'enrolment/node-1', 'node-2', '-o', 'name', '--yes')
  t.same(
    many.calls.map(({ reference }) => reference),
    ['node-1', 'e1', 'node-2', 'e1']
  )
  t.equal(many.out, 'enrolment/node-1\nenrolment/node-1\n')
  const one = await joinery(t, answers, 'retry', 'enrolment/e1', '--yes')
  t.equal(one.calls[0]?.reference, 'e1')
})

t.test('release takes every form of the right key, sends the whole key, and names the approval to come', async (t) => {
  const conflicts = [{ key: otherKey, address: '10.0.0.66', at: detail.created, facts: detail.facts }]
  const serves = { show: () => ({ ...detail, state: 'frozen' as const, conflicts }), release: () => enrolment }
  for (const form of [otherKey, '9e3d-07cc-ffff-ffff-ffff', '9E3D07CCFFFFFFFFFFFF']) {
    const { out, err, calls } = await joinery(t, serves, 'release', 'node-1', '--key', form)
    t.same(calls[1], { route: 'release', reference: 'e1', body: { key: otherKey } }, form)
    t.equal(out, 'enrolment/node-1 released\n', form)
    t.equal(err, 'Next: joinery approve node-1\n', form)
  }
  const unknown = await joinery(t, serves, 'release', 'node-1', '--key', 'a'.repeat(20))
  t.match(unknown, {
    exitCode: 3,
    err: /no machine with this key .*\nremedy: the keys are in: joinery show node-1\n$/
  })
  t.same(routes(unknown.calls), ['show'])
})

t.test('release refuses a key so short that a stranger could make another', async (t) => {
  const { exitCode, err, calls } = await joinery(t, {}, 'release', 'node-1', '--key', '4f1c-22ab')
  t.equal(exitCode, 2)
  t.match(err, 'at least 20 hex digits')
  t.same(calls, [])
})

t.test('retry gives another chance to exactly what it shows', async (t) => {
  const { out, err, calls, questions } = await joineryAsked(t, answers, ['yes'], 'retry', 'node-1')
  const { revision, key } = detail
  t.same(questions, ['Retry node-1? [y/N] '])
  t.same(calls, [
    { route: 'show', reference: 'node-1', body: '' },
    { route: 'retry', reference: 'e1', body: { revision, key } }
  ])
  t.equal(out, 'enrolment/node-1 retried\n')
  t.match(err, /^Name: +node-1\n[\s\S]*\nNext: joinery show node-1\n$/)
})

t.test('reject, release and retry print the enrolment with -o json and -o yaml', async (t) => {
  for (const words of [
    ['reject', 'e1', '--reason', 'x'],
    ['release', 'e1', '--key', key],
    ['retry', 'e1', '--yes']
  ]) {
    const answer = () => enrolment
    const answers = { show: () => detail, reject: answer, release: answer, retry: answer }
    const json = await joinery(t, answers, ...words, '-o', 'json')
    t.same(JSON.parse(json.out), enrolment, words.join(' '))
    t.notMatch(json.err, 'Next:', words.join(' '))
    const yaml = await joinery(t, answers, ...words, '-o', 'yaml')
    t.same(parse(yaml.out), enrolment, words.join(' '))
    t.notMatch(yaml.err, 'Next:', words.join(' '))
  }
})
