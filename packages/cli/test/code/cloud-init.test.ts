import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { newCode } from '@joinery/testing/command/fixtures'
import t from 'tap'
import { parse } from 'yaml'
import { cloudInit, hasPackage, type UserDataOptions, userDataAtMost } from '../../src/code/cloud-init.ts'
import { parseKubernetesVersion } from '../../src/code/install-kubernetes.ts'
import { enrolCommandOf } from '../../src/code/installable-code.ts'

interface UserData {
  write_files: { path: string; permissions: string; encoding?: string; content: string }[]
  runcmd: unknown
  bootcmd: unknown
}

const userDataFor = (code: typeof newCode, options?: UserDataOptions): string => {
  if (!hasPackage(code)) throw new Error('the fixture has a package')
  return cloudInit(code, options)
}
/** As cloud-init reads it. */
const read = (text: string): UserData => parse(text, { version: '1.1' })
const contentOf = ({ write_files }: UserData, path: string): string =>
  write_files.find((file) => file.path === path)?.content ?? ''

t.test('user-data is a cloud-config with a comment that says what it is', async (t) => {
  t.match(userDataFor(newCode), /^#cloud-config\n# Made by: joinery cloud-init\./)
})

t.test('user-data for a pattern has no name, and its comment counts the machines', async (t) => {
  const text = userDataFor({ ...newCode, name: 'node-{n}', uses: 10 })
  t.notOk('name' in parse(contentOf(read(text), '/etc/joinery/agent.yaml')))
  t.match(text, 'It holds a secret that lets 10 machines in, until 2026-11-25T12:30:00Z.')
})

t.test('only the file of the code is closed to others, and the unit comes last', async (t) => {
  const files = read(userDataFor(newCode)).write_files.map(({ path, permissions }) => [path, permissions])
  t.same(files, [
    ['/etc/joinery/agent.yaml', '0644'],
    ['/etc/joinery/code', '0600'],
    ['/etc/joinery/install.json', '0644'],
    ['/usr/local/sbin/joinery-install', '0755'],
    ['/etc/systemd/system/joinery-install.service', '0644']
  ])
})

t.test('the agent gets what it needs to find and trust the server, and the code in only one file', async (t) => {
  const userData = read(userDataFor(newCode))
  t.same(parse(contentOf(userData, '/etc/joinery/agent.yaml')), {
    server: newCode.install.server,
    pin: newCode.install.pin,
    apiEndpoint: newCode.install.apiEndpoint,
    name: 'node-1',
    remediate: 'safe'
  })
  t.equal(contentOf(userData, '/etc/joinery/code'), `${newCode.code}\n`)
  t.equal(userDataFor(newCode).split(newCode.code).length, 2)
})

t.test('while a CA comes next, the agent gets both pins', (t) => {
  const nextPin = `sha256:${'b'.repeat(64)}`
  const text = userDataFor({ ...newCode, install: { ...newCode.install, nextPin } })
  const agent = parse(contentOf(read(text), '/etc/joinery/agent.yaml'))
  t.match(agent, { pin: newCode.install.pin, nextPin })
  t.match(enrolCommandOf({ install: { ...newCode.install, nextPin } }), ` --next-pin ${nextPin} --code-file -`)
  t.notMatch(enrolCommandOf(newCode), 'next-pin')
  t.end()
})

/** The most that user-data holds: keys of two repositories, four servers. */
const longest = (): { code: typeof newCode; options: UserDataOptions } => {
  const key = (): string => {
    const lines =
      randomBytes(2800)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    return ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '', ...lines, '-----END PGP PUBLIC KEY BLOCK-----', ''].join('\n')
  }
  const servers = [1, 2, 3].map((last) => `https://192.0.2.${last}:7443`)
  return {
    code: { ...newCode, install: { ...newCode.install, servers } },
    options: {
      blockMetadata: true,
      kubernetes: {
        version: parseKubernetesVersion('1.37'),
        repository: 'https://mirror.example.org/kubernetes/1.37',
        containerdPackage: 'containerd.io',
        key: key(),
        aptSources: `Types: deb\nSigned-By:\n ${key().replaceAll('\n', '\n ')}`
      }
    }
  }
}

t.test('O6: packed, the longest user-data is the same, and fits into the smallest that a cloud takes', async (t) => {
  const { code, options } = longest()
  const [plain, packed] = [userDataFor(code, options), userDataFor(code, { ...options, gzip: true })]
  t.ok(plain.length > userDataAtMost, `${plain.length} bytes`)
  t.ok(packed.length <= userDataAtMost, `${packed.length} bytes`)
  t.notMatch(packed, /[^\n\x20-\x7e]/, 'it is a text')
  const unpacked = read(packed).write_files.map(({ encoding, content, ...file }) => {
    if (encoding === undefined) return { ...file, content }
    t.equal(encoding, 'gz+b64')
    return { ...file, content: gunzipSync(Buffer.from(content, 'base64')).toString() }
  })
  t.same({ ...read(packed), write_files: unpacked }, read(plain))
  t.match(packed, `content: |\n      ${code.code}\n`, 'the agent finds the code, to wipe it')
})

t.test('a code for any name leaves the name to the machine', async (t) => {
  const { name: _, ...anyName } = newCode
  t.notMatch(parse(contentOf(read(userDataFor(anyName)), '/etc/joinery/agent.yaml')), { name: /./ })
})

t.test('user-data tells the machine before its first boot which preflight policy its code has', async (t) => {
  const agentYaml = (policy: NonNullable<typeof newCode.policy>) =>
    parse(contentOf(read(userDataFor({ ...newCode, policy })), '/etc/joinery/agent.yaml'))
  t.match(agentYaml({ remediate: 'off', ignore: ['mtu', 'proxy'] }), {
    remediate: 'off',
    ignorePreflight: ['mtu', 'proxy']
  })
  t.notHas(agentYaml({ remediate: 'runtime', ignore: [] }), { ignorePreflight: [] })
  t.notHas(agentYaml({ ignore: ['mtu'] }), { remediate: '' })
})

t.test('the package is fetched by its hash from the pairing server', async (t) => {
  const userData = read(userDataFor(newCode))
  t.same(JSON.parse(contentOf(userData, '/etc/joinery/install.json')), {
    url: `https://172.30.0.1:7443/install/sha256/${'b'.repeat(64)}.deb`,
    sha256: 'b'.repeat(64),
    size: 30_000_000,
    certificateAuthority: newCode.install.certificateAuthority
  })
})

t.test('cloud-init starts the installation without waiting for it, and again after a power cut', async (t) => {
  const { runcmd, bootcmd } = read(userDataFor(newCode))
  t.same(runcmd, [['systemctl', 'start', '--no-block', 'joinery-install.service']])
  t.match(bootcmd, [/cloud-init single --name write_files --frequency always\n.*--no-block joinery-install.service\n/])
})

t.test('no value can become YAML, JSON or a command', async (t) => {
  const evil = '\'"\n- x: [yes, {]\n#\t$(reboot) `reboot` \u0085\u2028\x1b{{ds}}: &a *a !!python/object:x'
  for (const text of [evil, 'yes', 'null', '0x1F', '12:30:45', '1e3', '2026-11-25', '~', '- a', '# a']) {
    const userData = read(
      userDataFor({ ...newCode, code: text, name: text, expires: text, install: { ...newCode.install, pin: text } })
    )
    t.same(Object.keys(userData), ['write_files', 'runcmd', 'bootcmd'], JSON.stringify(text))
    t.equal(contentOf(userData, '/etc/joinery/code'), `${text}\n`, JSON.stringify(text))
    t.match(parse(contentOf(userData, '/etc/joinery/agent.yaml')), { name: text, pin: text }, JSON.stringify(text))
  }
})

const several = {
  ...newCode,
  install: {
    ...newCode.install,
    servers: ['https://172.30.0.2:7443', newCode.install.server, 'https://172.30.0.3:7443']
  }
}

t.test(
  'if there are several servers, the agent and the fetch of its package have all of them, each once',
  async (t) => {
    const userData = read(userDataFor(several))
    const agentYaml = contentOf(userData, '/etc/joinery/agent.yaml')
    const others = ['https://172.30.0.2:7443', 'https://172.30.0.3:7443']
    t.match(parse(agentYaml), { server: newCode.install.server, servers: others })
    t.match(agentYaml, /^server: .*\nservers:\n {2}- https:/)
    const { url, more } = JSON.parse(contentOf(userData, '/etc/joinery/install.json'))
    const path = `/install/sha256/${'b'.repeat(64)}.deb`
    t.same(
      [url, ...more],
      [newCode.install.server, ...others].map((one) => `${one}${path}`)
    )
    t.match(contentOf(userData, '/usr/local/sbin/joinery-install'), 'fetch_from_any(settings, package)')
  }
)

t.test('a list that names only the server itself, or what is no server, changes nothing', async (t) => {
  const same = { ...newCode.install, servers: [newCode.install.server, 'https://x/y', 'https://$(reboot)'] }
  t.equal(userDataFor({ ...newCode, install: same }), userDataFor(newCode))
})
