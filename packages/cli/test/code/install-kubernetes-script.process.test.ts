import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { makeKey, makeLeaf, readKeyPair } from '@joinery/server/testing/keys'
import { needs } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { installKubernetesScript } from '../../src/code/install-kubernetes-script.ts'
import { makeCertificateAuthority } from '../support/pairing-server.ts'

const skip = needs('python3')
const armoured = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYg==\n-----END PGP PUBLIC KEY BLOCK-----\n'

/** An https server that a machine trusts. Gives its URL and what to trust. */
const serve = async (t: Test, answer: RequestListener) => {
  const authority = await makeCertificateAuthority()
  const key = makeKey()
  const leaf = await makeLeaf(authority, readKeyPair(key), ['127.0.0.1'], new Date())
  const server = createServer({ key, cert: `${leaf}\n${authority.certificate}` }, answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, trust: authority.certificate }
}

interface Given {
  /** What the packages' commands are made to do. */
  commands?: Record<string, string>
  trust?: string
}

/** A machine whose packages' commands only note that they were called; `run` is one try. */
const machine = (t: Test, keySource: { text: string } | { url: string }) => {
  const root = t.testdir({ bin: {} })
  const at = (name: string) => join(root, name)
  const settings = {
    key: { file: at('etc/apt/keyrings/kubernetes.asc'), ...keySource },
    files: { [at('etc/kubernetes.sources')]: 'Types: deb\n', [at('etc/containerd/config.toml')]: 'version = 2\n' },
    containerdPackage: 'containerd',
    packages: ['kubelet=1.37.2-*', 'kubeadm=1.37.2-*', 'kubectl=1.37.2-*'],
    hold: ['kubelet', 'kubeadm', 'kubectl']
  }
  writeFileSync(at('script'), installKubernetesScript)
  writeFileSync(at('settings.json'), JSON.stringify(settings))
  const run = async ({ commands = {}, trust }: Given = {}) => {
    const all = { dpkg: '', 'apt-get': '', 'apt-mark': '', systemctl: '', ...commands }
    mkdirSync(at('bin'), { recursive: true })
    for (const [name, act] of Object.entries(all)) {
      writeFileSync(at(`bin/${name}`), `#!/bin/sh\necho "${name} $*" >> ${at('calls')}\n${act}\n`, {
        mode: 0o755
      })
    }
    if (trust !== undefined) writeFileSync(at('trust.pem'), trust)
    const script = spawn(python, [at('script'), at('settings.json')], {
      // this host may have containerd, and packages
      env: { PATH: at('bin'), ...(trust !== undefined && { SSL_CERT_FILE: at('trust.pem') }) },
      stdio: ['ignore', 'inherit', 'pipe']
    })
    const [err, [exitCode]] = await Promise.all([text(script.stderr), once(script, 'close')])
    return { err, exitCode }
  }
  const calls = () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trim().split('\n') : [])
  return { at, run, calls, read: (name: string) => readFileSync(at(name), 'utf8') }
}
const python =
  spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim() ?? ''

const apt = 'apt-get --yes -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold'
const kubernetes = 'kubelet=1.37.2-* kubeadm=1.37.2-* kubectl=1.37.2-*'
const installs = (packages: string) => [
  'dpkg --configure --pending',
  `${apt} update`,
  `${apt} install --fix-broken --no-install-recommends --allow-change-held-packages ${packages}`,
  'apt-mark hold kubelet kubeadm kubectl',
  'systemctl enable containerd.service',
  'systemctl restart containerd.service'
]

t.test('the packages are installed and held, and containerd runs with its configuration', { skip }, async (t) => {
  const { run, calls, read, at } = machine(t, { text: armoured })
  t.same(await run(), { err: '', exitCode: 0 })
  t.same(calls(), installs(`containerd ${kubernetes}`))
  t.equal(read('etc/apt/keyrings/kubernetes.asc'), armoured)
  t.equal(read('etc/kubernetes.sources'), 'Types: deb\n')
  t.equal(statSync(at('etc/apt/keyrings/kubernetes.asc')).mode & 0o777, 0o644, "apt's own user reads it")
})

t.test('the key is fetched over https if none was given', { skip }, async (t) => {
  const { url, trust } = await serve(t, (request, response) => {
    if (request.url === '/Release.key') response.writeHead(302, { location: '/elsewhere' }).end()
    else response.end(armoured)
  })
  const { run, read } = machine(t, { url: `${url}/Release.key` })
  t.same(await run({ trust }), { err: '', exitCode: 0 })
  t.equal(read('etc/apt/keyrings/kubernetes.asc'), armoured)
})

t.test('a containerd that the image brings stays, and gets its configuration', { skip }, async (t) => {
  const { run, calls, read, at } = machine(t, { text: armoured })
  mkdirSync(at('etc/containerd'), { recursive: true })
  writeFileSync(at('etc/containerd/config.toml'), 'disabled_plugins = ["cri"]\n')
  t.match(await run({ commands: { containerd: '' } }), { exitCode: 0 })
  t.same(calls(), installs(kubernetes))
  t.equal(read('etc/containerd/config.toml'), 'version = 2\n')
  t.equal(read('etc/containerd/config.toml.before-joinery'), 'disabled_plugins = ["cri"]\n')
})

const answers: [what: string, answer: RequestListener, complaint: RegExp][] = [
  ['that is no key', (_, response) => response.end('<html>'), /is no armoured OpenPGP key/],
  ['that is not there', (_, response) => response.writeHead(404).end(), /HTTP Error 404/],
  ['that has no end', (_, response) => response.end(armoured.padEnd(2_000_000)), /is no armoured OpenPGP key/],
  [
    'that comes over http',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /leads to http:\/\/127.0.0.1:1\/, which is not https/
  ]
]
for (const [what, answer, complaint] of answers) {
  t.test(`no package is installed by a key ${what}`, { skip }, async (t) => {
    const { url, trust } = await serve(t, answer)
    const { run, calls } = machine(t, { url: `${url}/Release.key` })
    const { err, exitCode } = await run({ trust })
    t.match(err, complaint)
    t.match(err, /^joinery-install-kubernetes: not installed: [^\n]+\n$/)
    t.equal(exitCode, 1)
    t.same(calls(), [])
  })
}

t.test('a server whose certificate nobody signed brings no key', { skip }, async (t) => {
  const { url } = await serve(t, (_, response) => response.end(armoured))
  const { trust } = await serve(t, () => {})
  const { run, calls } = machine(t, { url: `${url}/Release.key` })
  const { err, exitCode } = await run({ trust })
  t.match(err, /certificate verify failed/i)
  t.equal(exitCode, 1)
  t.same(calls(), [])
})

for (const [number, command] of ['dpkg', 'apt-get', 'apt-mark', 'systemctl'].entries()) {
  t.test(`a try that fails in ${command} is a failure, and the next one does it all`, { skip }, async (t) => {
    const { run, calls, read, at } = machine(t, { text: armoured })
    mkdirSync(at('etc/containerd'), { recursive: true })
    writeFileSync(at('etc/containerd/config.toml'), 'of before\n')
    const { err, exitCode } = await run({ commands: { [command]: 'exit 100' } })
    t.match(err, new RegExp(`^joinery-install-kubernetes: not installed: .*'${command}'.* exit status 100`))
    t.equal(exitCode, 1)
    const before = calls().length
    t.ok(before > number)
    t.match(await run(), { exitCode: 0 })
    t.same(calls().slice(before), installs(`containerd ${kubernetes}`), 'containerd is restarted too')
    t.equal(read('etc/containerd/config.toml.before-joinery'), 'of before\n', 'not what the first try wrote')
    t.same(readdirSync(at('etc/containerd')), ['config.toml', 'config.toml.before-joinery'])
  })
}
