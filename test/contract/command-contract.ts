import { shellWord } from '@joinery/host/text/shell-word'
import { escapeText, type Labels, shortId } from '@joinery/protocol'
import type { Test } from 'tap'

/** One door of the operators' command, with the machines behind it. */
export interface CommandWorld {
  /** Flags that name the door, as they were typed: each printed command repeats them. */
  way: readonly string[]
  /** Begins the names of this door's machines: two doors may lead to one server. */
  prefix: string
  /** Runs one command line over this door. Nobody is there to be asked. */
  joinery(...words: string[]): Promise<Ran>
  /** Lets a machine come with a code for the name, and wait. `labels`: those that the code gives it. */
  enrol(name: string, labels?: Labels): Promise<void>
  /** Lets the approved machine join, until its Node is Ready. Absent if there are no such machines here. */
  join?(name: string): Promise<void>
  /** Lets the Node's machine go, and another one come for the name. Absent if there are no such machines here. */
  rebuild?(name: string): Promise<void>
  /** Part of `Address:` that the server sees. */
  address: RegExp
  /** True if the server has an agent package to hand out. */
  hasPackage: boolean
}

export interface Ran {
  exitCode: number | null
  out: string
  err: string
}

/** Expectation of one command line. What is absent may be anything. */
interface Row {
  words: string[]
  exitCode: number
  out?: string | RegExp
  err?: string | RegExp
}

/**
 * The commands of an operator over one door. Texts and exit codes are the same over each: a row says them once.
 * test/journeys/kubernetes-door-command runs it over the socket and over the fake cluster,
 * test/cluster/operators.long.ts over a real API server.
 */
export const commandContract = (t: Test, door: string, { prefix, ...world }: CommandWorld): void => {
  const called = (name: string): string => `${prefix}-${name}`
  const flags = ['joinery', ...world.way.map(shellWord), ''].join(' ')
  const joinery = async (...words: string[]): Promise<Ran> => {
    const { out, err, ...ran } = await world.joinery(...words)
    return { ...ran, out, err: err.replaceAll(flags, 'joinery ') }
  }
  const expect = async (t: Test, rows: readonly Row[]): Promise<void> => {
    for (const { words, exitCode, out, err } of rows) {
      const ran = await joinery(...words)
      const line = `${door}: joinery ${words.join(' ')}`
      t.equal(ran.exitCode, exitCode, line, { err: ran.err, out: ran.out })
      if (typeof out === 'string') t.equal(ran.out, out, line)
      else if (out !== undefined) t.match(ran.out, out, line)
      if (typeof err === 'string') t.equal(ran.err, err, line)
      else if (err !== undefined) t.match(ran.err, err, line)
    }
  }
  const json = async (...words: string[]) => JSON.parse((await joinery(...words, '-o', 'json')).out)
  const look = async (name: string) => {
    const { id, revision, key, state } = await json('show', name)
    return { id, revision: `${revision}`, key, state } as { id: string; revision: string; key: string; state: string }
  }

  t.test(`${door}: a machine that waits is listed and shown`, async (t) => {
    const name = called('waits')
    await world.enrol(name)
    const { id, key, revision } = await look(name)
    await expect(t, [
      {
        words: ['list', '--name', name],
        exitCode: 0,
        out: new RegExp(
          `^NAME +STATE +NODE +ROLE +ADDRESS +PREFLIGHT +AGE +MESSAGE\n${name} +pending +<none> +worker +`
        ),
        err: `Next: joinery approve ${name}\n`
      },
      { words: ['list', '--name', name, '-o', 'name'], exitCode: 0, out: `enrolment/${id}\n`, err: '' },
      {
        words: ['list', '--name', name, '--state', 'ready,pending', '-o', 'jsonpath={.items[*].name}'],
        exitCode: 0,
        out: name,
        err: ''
      },
      {
        words: ['list', '--name', name, '--state', 'pending', '--state', 'ready', '-o', 'jsonpath={.items[*].name}'],
        exitCode: 0,
        out: name,
        err: ''
      },
      {
        words: ['list', '--name', name, '--state', 'ready'],
        exitCode: 0,
        out: '',
        err: 'No enrolment fits these options.\n'
      },
      { words: ['list', '--name', called('nobody')], exitCode: 0, out: '', err: 'No enrolment fits these options.\n' },
      {
        words: ['show', name],
        exitCode: 0,
        out: new RegExp(
          `^Name: +${name}\n(.*\n)*State: +pending\n(.*\n)*Role: +worker\n(.*\n)*Key: .*\n +${key}\n(.*\n)*Address: +${world.address.source} \\(seen by the server`
        ),
        err: new RegExp(
          `\nNext: joinery approve ${name} --revision ${revision} --key \\S+\n$|^Next: joinery approve ${name} --revision ${revision} --key \\S+\n$`
        )
      },
      {
        words: ['logs', name],
        exitCode: 0,
        out: door === 'socket' ? /^ {2}\| \S+Z +agent +enrol: key / : /^ {2}\| \S+Z +server +pending: .+\n$/,
        err: door === 'socket' ? '' : /(^|\n)Not in Kubernetes: the lines of agent and kubeadm, and the timeline; /
      },
      { words: ['logs', name, '--previous'], exitCode: door === 'socket' ? 3 : 4, out: '' },
      { words: ['show', id, '-o', 'name'], exitCode: 0, out: `enrolment/${name}\n`, err: '' },
      { words: ['show', `enrolment/${name}`, '-o', 'name'], exitCode: 0, out: `enrolment/${name}\n` },
      {
        words: [
          'list',
          '--name',
          name,
          '-o',
          'jsonpath={range .items[?(@.state=="pending")]}{.id} {.role}{"\\n"}{end}'
        ],
        exitCode: 0,
        out: new RegExp(`^${id} \\S+\n$`),
        err: ''
      },
      {
        words: ['list', '--name', name, '--sort-by', '.created', '--limit', '1', '-o', 'custom-columns=N:.name,K:.key'],
        exitCode: 0,
        out: `N${' '.repeat(name.length + 2)}K\n${name}   ${key}\n`,
        err: ''
      },
      { words: ['show', name, '-q', '-o', 'jsonpath={.revision}'], exitCode: 0, out: revision, err: '' },
      {
        words: ['list', '-o', 'jsonpath={.items'],
        exitCode: 2,
        out: '',
        err: /nothing ends this \{\n {2}\{\.items\n {2}\^\n$/
      }
    ])
    const shown = await json('show', name)
    t.match(
      shown,
      { id, key, name, state: 'pending', role: 'worker', credential: 'token', conflicts: { length: 0 } },
      door
    )
    t.match(await json('list', '--name', name), { items: [{ id, key, name, state: 'pending' }] }, door)
  })

  t.test(`${door}: nobody is found by a name that no machine has, and nothing is decided`, async (t) => {
    const name = called('ghost')
    const rows = [
      ['show', name],
      ['logs', name],
      ['approve', name, '--yes'],
      ['retry', name, '--yes'],
      ['reject', name, '--reason', 'x'],
      ['release', name, '--key', 'a'.repeat(20)],
      ['remove', name, '--yes'],
      ['show', '00000000-0000-4000-8000-000000000000'],
      ['show', 'a,b=c\\d\u001b']
    ].map((words) => ({
      words,
      exitCode: 3,
      out: '',
      err: `error: no enrolment has the name or id "${escapeText(words[1] ?? '')}" (not-found)\nremedy: joinery list\n`
    }))
    await expect(t, rows)
  })

  t.test(`${door}: what does not fit the look, or the state, is refused`, async (t) => {
    const name = called('refused')
    await world.enrol(name)
    const { revision, key } = await look(name)
    const changed = new RegExp(
      `error: the evidence of ${name} has changed since: it is at revision ${revision}, not 99\nremedy: look again: joinery show ${name}\n$`
    )
    await expect(t, [
      {
        words: ['approve', name],
        exitCode: 2,
        out: '',
        err: /^error: nothing is approved; there is no terminal to ask on\n/
      },
      { words: ['approve', name, '--revision', '99'], exitCode: 6, out: '', err: changed },
      {
        words: ['approve', name, '--key', 'f'.repeat(20)],
        exitCode: 6,
        out: '',
        err: new RegExp(`error: ${name} has another key: ${key}\n`)
      },
      { words: ['retry', name, '--yes'], exitCode: 6, out: '', err: /\(illegal-event\)\n/ },
      { words: ['release', name, '--key', key], exitCode: 6, out: '', err: /\(illegal-event\)\n/ },
      {
        words: ['remove', name, '--yes'],
        exitCode: 6,
        out: '',
        err: `error: remove is not possible: the enrolment of ${name} is pending\nremedy: joinery reject ${name} --reason REASON\n`
      },
      { words: ['reject', name], exitCode: 2, out: '', err: /required option '--reason/ }
    ])
    t.equal((await look(name)).state, 'pending', door)
  })

  t.test(`${door}: a machine is approved as it was shown, and the same approval again changes nothing`, async (t) => {
    const name = called('approved')
    await world.enrol(name)
    const { revision, key } = await look(name)
    const seen = { words: ['approve', name, '--revision', revision, '--key', key], exitCode: 0 }
    await expect(t, [
      {
        ...seen,
        out: `enrolment/${name} approved\n`,
        err: new RegExp(
          `^${name}: worker, key \\S+, seen at ${world.address.source}, revision ${revision}; as the machine claims: .*\nNext: joinery show ${name}\n$`
        )
      },
      { ...seen, out: `enrolment/${name} approved\n` },
      { words: ['approve', name, '--revision', '99'], exitCode: 6, err: /has changed since/ },
      {
        words: ['reject', name, '--reason', 'not one of ours'],
        exitCode: 0,
        out: `enrolment/${name} rejected\n`,
        err: ''
      },
      { words: ['reject', name, '--reason', 'again'], exitCode: 6, out: '', err: /\(illegal-event\)\n/ }
    ])
    t.equal((await look(name)).state, 'rejected', door)
  })

  t.test(`${door}: approve takes several machines, and prints them for a program`, async (t) => {
    const names = [called('one'), called('two')]
    for (const name of names) await world.enrol(name)
    const ran = await joinery('approve', ...names, called('none'), '--yes', '-o', 'json')
    t.equal(ran.exitCode, 3, door)
    t.match(JSON.parse(ran.out), { items: names.map((name) => ({ name, state: 'approved' })) }, door)
  })

  t.test(`${door}: a selection, a dry run and a short id mean the same machines`, async (t) => {
    const names = [called('many-1'), called('many-2')]
    const [one = ''] = names
    const rack = called('rack')
    for (const name of names) await world.enrol(name, { rack })
    const [label, selected] = [`rack=${rack}`, `2 machines would be approved:\nNAME +STATE .*\n${one} +pending `]
    const { id, code } = await json('show', one)
    const short = shortId(id)
    // the cluster does not know a code that was made over the socket
    const ofCode = door === 'socket' ? shortId(code) : code
    const lines = (end: string) => names.map((name) => `enrolment/${name} ${end}\n`).join('')
    await expect(t, [
      { words: ['show', short, '-o', 'name'], exitCode: 0, out: `enrolment/${one}\n`, err: '' },
      { words: ['show', id.slice(0, 23), '-o', 'name'], exitCode: 0, out: `enrolment/${one}\n`, err: '' },
      { words: ['list', '--code', ofCode, '-o', 'jsonpath={.items[*].name}'], exitCode: 0, out: one, err: '' },
      { words: ['show', '-l', label, '-o', 'jsonpath={.items[*].name}'], exitCode: 0, out: names.join(' '), err: '' },
      { words: ['why', '-l', label, '-o', 'jsonpath={.items[*].ready}'], exitCode: 0, out: 'false false', err: '' },
      {
        words: ['approve', '-l', label, '--dry-run=server'],
        exitCode: 0,
        out: lines('approved (server dry run)'),
        err: new RegExp(
          `^${selected}(.*\\n)*${door === 'socket' ? '' : 'The API server would take it: (.*\\n)*'}2 approved`
        )
      },
      {
        words: ['list', '--name', one, '--state', 'pending', '-o', 'name'],
        exitCode: 0,
        out: `enrolment/${id}\n`,
        err: ''
      },
      {
        words: ['approve', '-l', `${label},!none`, '--yes'],
        exitCode: 0,
        out: lines('approved'),
        err: new RegExp(`^${selected}(.*\\n)*2 approved\\n$`)
      },
      {
        words: ['wait', '-l', label, '--for', 'approved', '--timeout', '60s'],
        exitCode: 0,
        out: lines('approved'),
        err: ''
      },
      {
        words: ['approve', '-l', label, '--yes'],
        exitCode: 0,
        out: '',
        err: 'Nothing that fits can be approved.\n'
      },
      {
        words: ['reject', '--code', ofCode, '--reason', 'a copy', '--yes'],
        exitCode: 0,
        out: `enrolment/${one} rejected\n`,
        err: /^1 machine would be rejected:\n(.*\n)*1 rejected\n$/
      },
      {
        words: ['show', '--code', code, '--state', 'rejected', '-o', 'custom-columns=N:.name,S:.state'],
        exitCode: 0,
        out: `N${' '.repeat(one.length + 2)}S\n${one}   rejected\n`,
        err: ''
      },
      {
        words: ['show', '-l', `${label},none`],
        exitCode: 0,
        out: '',
        err: 'No enrolment fits these options.\n'
      }
    ])
  })

  t.test(`${door}: a code is made, listed, shown and revoked`, async (t) => {
    const name = called('coded')
    const made = await joinery('code', 'create', '--name', name, '--ttl', '10m')
    t.equal(made.exitCode, 0, made.err)
    t.match(made.out, /^jny_[0-9A-Z]{28}\n$/, door)
    const [, id = ''] = /^Code (\S+) invites one machine as /.exec(made.err) ?? []
    t.match(
      made.err,
      new RegExp(
        `^Code ${id} invites one machine as ${name}; first use until \\S+Z\\.\nPairing server https://\\S+, pin sha256:[0-9a-f]{64}\nNext: at the machine, as root: joinery-agent enrol --server `
      )
    )
    await expect(t, [
      {
        words: ['code', 'list', '--name', name],
        exitCode: 0,
        out: new RegExp(
          `^ID +STATUS +NAME +ROLE +USES +ENROLMENT +EXPIRES +AGE\n${id} +open +${name} +worker +0/1 +<none> +`
        )
      },
      {
        words: ['code', 'list', '--name', name, '--state', 'used,open', '-o', 'jsonpath={.items[*].id}'],
        exitCode: 0,
        out: id
      },
      {
        words: ['code', 'list', '--name', name, '--state', 'used'],
        exitCode: 0,
        out: '',
        err: 'No code fits these options.\n'
      },
      {
        words: ['code', 'show', id],
        exitCode: 0,
        out: new RegExp(`^ID: +${id}\nStatus: +open\nName: +${name}\nRole: +worker\n`)
      },
      { words: ['code', 'revoke', id], exitCode: 0, out: `code/${id} revoked\n`, err: '' },
      {
        words: ['code', 'show', 'none'],
        exitCode: 3,
        out: '',
        err: /^error: no code has the id "none" \(not-found\)\n/
      },
      {
        words: ['code', 'revoke', 'none'],
        exitCode: 3,
        out: '',
        err: /^error: no code has the id "none" \(not-found\)\n/
      }
    ])
    t.same((await json('code', 'list', '--name', name, '--state', 'open')).items, [], door)
  })

  t.test(`${door}: user-data is made with a code of its own, or no code stays`, async (t) => {
    const name = called('booted')
    const none = {
      exitCode: 1,
      out: '',
      err: /^error: the pairing server has no agent package to hand out; the code is revoked\nremedy: build or install /
    }
    const made = {
      exitCode: 0,
      out: /^#cloud-config\n# Made by: joinery cloud-init\. [\s\S]*jny_[0-9A-Z]{28}\n/,
      err: new RegExp(`^Code \\S+ invites one machine as ${name}; first use until `)
    }
    const expected = world.hasPackage ? made : none
    await expect(t, [
      { words: ['cloud-init', '--name', name], ...expected },
      { words: ['code', 'create', '--name', name, '--cloud-init'], ...expected }
    ])
    const { items } = await json('code', 'list', '--name', name, '--state', 'open')
    t.equal(items.length, world.hasPackage ? 2 : 0, door)
  })

  t.test(`${door}: status says where the server is, and how many machines there are`, async (t) => {
    const { out } = await joinery('status')
    t.match(out, /^Server: +\S+/, door)
    t.match(out, /\nPin: +sha256:[0-9a-f]{64}\n/, door)
    t.match(out, /\nEnrolments: +.*pending/, door)
  })

  const { join, rebuild } = world
  if (join === undefined || rebuild === undefined) return

  t.test(`${door}: a Node is traced to its enrolment, and a machine is replaced and removed`, async (t) => {
    const name = called('joined')
    await world.enrol(name)
    await expect(t, [{ words: ['approve', name, '--yes'], exitCode: 0 }])
    await join(name)
    const { id } = await look(name)
    await expect(t, [
      { words: ['show', name, '-o', 'name'], exitCode: 0 },
      {
        words: ['nodes', '--name', name],
        exitCode: 0,
        out: new RegExp(
          `^NAME +STATUS +ROLES +AGE +ENROLMENT +HOW +WRONG\n${name} +Ready +<none> +\\S+ +(joined|ready) +joinery `
        )
      },
      { words: ['nodes', '--name', called('ghost')], exitCode: 0, out: '', err: 'No Node fits these options.\n' },
      { words: ['approve', name, '--replace', '--yes', '--no-drain'], exitCode: 6, out: '' }
    ])
    t.match(await json('nodes', '--name', name), { items: [{ name, trace: 'enrolled', enrolment: { id } }] }, door)
    await rebuild(name)
    await expect(t, [
      {
        words: ['approve', name, '--replace', '--yes', '--no-drain'],
        exitCode: 0,
        out: `enrolment/${name} approved\n`,
        err: new RegExp(`\n${name} was another machine's: `)
      }
    ])
    t.equal((await look(id)).state, 'removed', door)
    await join(name)
    await expect(t, [
      {
        words: ['remove', name],
        exitCode: 2,
        out: '',
        err: new RegExp(`error: ${name} is \\w+: removing it evicts its Pods, .*; there is no terminal to ask on\n`)
      },
      {
        words: ['remove', name, '--yes', '--no-drain'],
        exitCode: 0,
        out: `enrolment/${name} removed\n`,
        err: /\nLeft to do on the machine|^Left to do on the machine/
      }
    ])
    t.equal((await look(name)).state, 'removed', door)
  })
}
