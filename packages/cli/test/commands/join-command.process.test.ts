import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { JoinCommand } from '@joinery/protocol'
import { joinCommand, withoutAgent } from '@joinery/testing/command/fixtures'
import { joinery, runWith, serveOperators } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { joinCommandText } from '../../src/join-command/join-command-text.ts'
import type { Terminal } from '../../src/terminal/terminal.ts'

const answers = { joinCommand: () => joinCommand }
const byFile: JoinCommand = { ...joinCommand, discovery: 'file' }

t.test('join-command prints the one line that kubeadm prints, with the name, and the rest as messages', async (t) => {
  const { exitCode, out, err, calls } = await joinery(t, answers, 'join-command', '--name', 'node-1')
  t.same(calls, [{ route: 'joinCommand', reference: '', body: { name: 'node-1', ttl: 900 } }])
  t.equal(
    out,
    `kubeadm join 172.30.0.1:6443 --token abc123.0123456789abcdef --discovery-token-ca-cert-hash sha256:${'c'.repeat(64)} --node-name node-1\n`
  )
  t.equal(
    err,
    `the token is an argument of kubeadm: anybody who may list the processes of the machine sees it while it joins
Good once, for the Node node-1, until 2026-11-25T12:15:00Z; it is not shown again.
Lost: joinery reject node-1 --reason lost
Next: joinery show node-1
`
  )
  t.equal(exitCode, 0)
})

t.test('join-command says which secrets will be arguments on the machine', async (t) => {
  const quiet = await joinery(t, { joinCommand: () => byFile }, 'join-command', '--name', 'node-1')
  t.notMatch(quiet.err, 'argument')
  t.match(quiet.err, /^Good once/)
  const both = await asControlPlane(t, () => uploaded)
  t.match(
    both.err,
    /^the token and the certificate key are arguments of kubeadm: .* sees them while it joins\nGood once/
  )
})

t.test('join-command takes the shortest and the longest time that the server takes', async (t) => {
  for (const [ttl, seconds] of [
    ['1m', 60],
    ['30m', 1800]
  ] as const) {
    const { calls } = await joinery(t, answers, 'join-command', '--name', 'node-1', '--ttl', ttl)
    t.same(calls[0]?.body, { name: 'node-1', ttl: seconds }, ttl)
  }
})

t.test('join-command -o json prints the answer of the server', async (t) => {
  const { out, err } = await joinery(t, answers, 'join-command', '--name', 'node-1', '-o', 'json')
  t.same(JSON.parse(out), joinCommand)
  t.equal(err, '')
})

t.test('join-command asks no server when the command line is wrong', async (t) => {
  for (const words of [
    [],
    ['node-1'],
    ['--name'],
    ['--name', 'node-1', '--ttl', '59s'],
    ['--name', 'node-1', '--ttl', '31m'],
    ['--name', 'node-1', '--ttl', 'soon'],
    ['--name', 'node-1', '-o', 'name'],
    ['--name', 'node-1', '--role', 'master']
  ]) {
    t.match(
      await joinery(t, answers, 'join-command', ...words),
      { exitCode: 2, calls: { length: 0 }, out: '' },
      words.join(' ')
    )
  }
})

const certificateKey = 'f'.repeat(64)
const uploaded = `[upload-certs] Storing the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace
[upload-certs] Using certificate key:
${certificateKey}
`
const controlPlane: JoinCommand = { ...joinCommand, name: 'cp-2', role: 'control-plane' }

/** `join-command --role control-plane` on a host whose kubeadm prints that; gives what was run and asked, in order. */
const asControlPlane = async (t: Test, kubeadm: (argv: readonly string[]) => string, ...more: string[]) => {
  const order: string[] = []
  const { socket, calls } = await serveOperators(t, {
    joinCommand: () => {
      order.push('POST /v1/join-commands')
      return controlPlane
    },
    reject: () => ({ ...withoutAgent, state: 'rejected' })
  })
  const exec: Terminal['exec'] = async (argv) => {
    order.push(argv.join(' '))
    return kubeadm(argv)
  }
  const words = ['--socket', socket, 'join-command', '--name', 'cp-2', '--role', 'control-plane', ...more]
  return { ...(await runWith(words, { exec })), calls, order }
}

t.test('a control plane gets the key of kubeadm’s own upload, which the server never sees', async (t) => {
  const { exitCode, out, calls, order } = await asControlPlane(t, () => uploaded)
  t.equal(exitCode, 0)
  t.equal(
    out,
    `kubeadm join 172.30.0.1:6443 --token abc123.0123456789abcdef --discovery-token-ca-cert-hash sha256:${'c'.repeat(64)} --control-plane --certificate-key ${certificateKey} --node-name cp-2\n`
  )
  t.same(order, [
    'kubeadm version -o short',
    'POST /v1/join-commands',
    'kubeadm init phase upload-certs --upload-certs'
  ])
  t.same(calls, [{ route: 'joinCommand', reference: '', body: { name: 'cp-2', role: 'control-plane', ttl: 900 } }])
})

t.test('a control plane without a public cluster-info gets the key beside the discovery file', async (t) => {
  const { seen, out } = await runOnMachine(t, { ...controlPlane, discovery: 'file' }, 0, 'sh', certificateKey)
  t.equal(out, 'ended with 0\n')
  t.match(seen('argv'), `\n--control-plane\n--certificate-key\n${certificateKey}\n--node-name\ncp-2\n`)
})

t.test('join-command --role control-plane -o json has the key beside the answer', async (t) => {
  const { out } = await asControlPlane(t, () => uploaded, '-o', 'json')
  t.same(JSON.parse(out), { ...controlPlane, certificateKey })
})

t.test('join-command asks no server if kubeadm cannot run, and says where it can', async (t) => {
  const { exitCode, out, err, calls } = await asControlPlane(t, () => {
    throw Object.assign(new Error('spawn kubeadm ENOENT'), { code: 'ENOENT' })
  })
  t.match({ exitCode, out, calls }, { exitCode: 1, out: '', calls: { length: 0 } })
  t.match(err, 'remedy: run it as root on a control-plane host')
})

t.test('join-command is rejected and prints nothing if the keys are not uploaded', async (t) => {
  const failing = {
    'a kubeadm that fails': () => {
      throw new Error('kubeadm failed: open /etc/kubernetes/pki/ca.key: permission denied')
    },
    'a kubeadm that prints no key': () => 'nothing'
  }
  for (const [what, upload] of Object.entries(failing)) {
    const { exitCode, out, calls } = await asControlPlane(t, ([, word]) => (word === 'version' ? 'v1.37.2' : upload()))
    t.match({ exitCode, out }, { exitCode: 1, out: '' }, what)
    t.match(calls[1], { route: 'reject', reference: 'e1' }, what)
  }
})

t.test('an IPv6 endpoint and two CAs are written as kubeadm reads them', async (t) => {
  const hashes = ['d', 'e'].map((digit) => `sha256:${digit.repeat(64)}`)
  const line = joinCommandText({ ...joinCommand, server: 'https://[2001:db8::1]:6443', caCertHashes: hashes })
  t.match(line, /^kubeadm join '\[2001:db8::1\]:6443' /)
  for (const hash of hashes) t.match(line, ` --discovery-token-ca-cert-hash ${hash} `, hash)
})

/** Runs the text as `ssh HOST sh` does, with a kubeadm that ends with `code`; /run is a folder of the test. */
const runOnMachine = async (t: Test, made: JoinCommand, code: number | string = 0, shell = 'sh', key?: string) => {
  const folder = t.testdir({ bin: {}, run: {}, seen: {} })
  const seen = (name: string): string => readFileSync(join(folder, 'seen', name), 'utf8')
  const kubeadm = `#!/bin/sh
printf '%s\\n' "$@" > '${folder}/seen/argv'
if [ "$2" = --discovery-file ]; then cp "$3" '${folder}/seen/file'; stat -c %a "$3" > '${folder}/seen/mode'; fi
cat > '${folder}/seen/stdin'
exit ${code}
`
  writeFileSync(join(folder, 'bin/kubeadm'), kubeadm, { mode: 0o755 })
  const script = `${joinCommandText(made, key).replaceAll('/run/', `${folder}/run/`)}echo "ended with $?"\n`
  const child = execFile(shell, ['-s'], { env: { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` } })
  child.stdin?.end(script)
  const [out, err] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream)
  ])
  return { seen, out, err, left: readdirSync(join(folder, 'run')) }
}

for (const shell of ['sh', 'bash']) {
  t.test(
    `if cluster-info is private, ${shell} gives kubeadm a file that only root reads, and removes it`,
    async (t) => {
      const { seen, out, err, left } = await runOnMachine(t, byFile, 0, shell)
      t.match({ out, err }, { out: 'ended with 0\n', err: '' })
      t.equal(seen('mode'), '600\n')
      t.match(seen('argv'), /^join\n--discovery-file\n\/.*\/run\/joinery-\w{10}\n--node-name\nnode-1\n$/)
      t.notMatch(seen('argv'), '0123456789abcdef', 'no secret is an argument')
      t.equal(seen('stdin'), '', "what the shell has still to read is not kubeadm's")
      t.match(parse(seen('file')), {
        clusters: [{ cluster: { server: joinCommand.server } }],
        users: [{ user: { token: joinCommand.token } }]
      })
      t.same(left, [])
    }
  )

  t.test(`${shell} ends with the exit code of a kubeadm that fails, and leaves no file`, async (t) => {
    const { out, left } = await runOnMachine(t, byFile, 3, shell)
    t.equal(out, 'ended with 3\n')
    t.same(left, [])
  })
}

t.test('an interrupted join leaves no file', async (t) => {
  for (const signal of ['INT', 'TERM', 'HUP']) {
    const { out, left } = await runOnMachine(t, byFile, `$(kill -${signal} $PPID; echo 0)`)
    t.equal(out, 'ended with 1\n', signal)
    t.same(left, [], signal)
  }
})

t.test('no text of an answer becomes code of the shell', async (t) => {
  for (const discovery of ['cluster-info', 'file'] as const) {
    const hostile = {
      ...joinCommand,
      discovery,
      name: `$(false)'"; false`,
      token: `$(false)\nEND_OF_DISCOVERY_FILE\nfalse`,
      caCertHashes: ['`false`']
    }
    const { seen, out, err } = await runOnMachine(t, hostile)
    t.match({ out, err }, { out: 'ended with 0\n', err: '' }, discovery)
    t.match(seen('argv'), `--node-name\n${hostile.name}\n`, discovery)
  }
})

t.test('list and show say that there is no agent, and show no evidence', async (t) => {
  const list = await joinery(t, { list: () => ({ items: [withoutAgent] }) }, 'list')
  t.match(list.out, /^node-1 +joining +<none> +worker +<none> +<none> +3m20s +joining: the join command/m)
  const { out, err } = await joinery(t, { show: () => withoutAgent }, 'show', 'node-1')
  t.match(out, /^Agent: +<none>: it joins by a join command$/m)
  t.match(out, /^Made: +2026/m)
  t.match(out, /^Attempt 1:\n +Token: +abc123$/m)
  t.notMatch(out, /Facts|Preflight|Key:|Address:|Code:/)
  t.equal(err, 'Next: joinery show node-1\n')
})

t.test('show of a machine without an agent that was ready says when', async (t) => {
  const ready = { ...withoutAgent, state: 'ready' as const, ready: withoutAgent.created, confirmed: false }
  const { out } = await joinery(t, { show: () => ready }, 'show', 'node-1')
  t.match(out, /^Ready: +2026-11-25T11:56:40Z \(3m20s\)$/m)
})

t.test('the next command for an enrolment without an agent is join-command', async (t) => {
  for (const [state, next] of [
    ['failed', 'joinery join-command --name node-1'],
    ['expired', 'joinery join-command --name node-1']
  ] as const) {
    const { err } = await joinery(t, { show: () => ({ ...withoutAgent, state }) }, 'show', 'e1')
    t.equal(err, `Next: ${next}\n`, state)
  }
})
