import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import packageJson from '../../package.json' with { type: 'json' }
import { debianVersion } from '../../packaging/release/version.ts'
import { must } from '../cluster/bed/run.ts'

/** The packages in dist/, as apt judges them by what Ubuntu 24.04 has. No tree of Ubuntu is at hand to install them in. */
t.setTimeout(0)

/**
 * What the packages depend on, in the versions with which Ubuntu 24.04 was released; updates only raise them. Read on 2026-12-01 in the
 * pages of packages.ubuntu.com that name these: /noble/arm64/libc6-dbg, /noble/arm64/libstdc++6, /noble/admin/libnss-systemd.
 */
const noble: Readonly<Record<string, string>> = {
  libc6: '2.39-0ubuntu8',
  'libstdc++6': '14-20240412-0ubuntu1',
  systemd: '255.4-1ubuntu8'
}

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const names = ['joinery', 'joinery-agent', 'joinery-server']

const stanza = (name: string, version: string, architecture: string): string =>
  `Package: ${name}
Status: install ok installed
Architecture: ${architecture}
Version: ${version}
Maintainer: Ubuntu
Description: ${name}
`

/** Names of the packages that apt would install on a machine which has these, and knows no repository. Throws if it would not. */
const simulate = async (t: Test, installed: typeof noble, architecture: string): Promise<string[]> => {
  const place = t.testdir({
    cache: { archives: {} },
    etc: { 'sources.list': '' },
    state: { lists: {} },
    status: Object.entries(installed)
      .map(([name, version]) => stanza(name, version, architecture))
      .join('\n')
  })
  const options = {
    'APT::Architecture': architecture,
    'Dir::Cache': join(place, 'cache'),
    'Dir::Etc': join(place, 'etc'),
    'Dir::State': join(place, 'state'),
    'Dir::State::status': join(place, 'status')
  }
  const debs = names.map((name) => `${name}_${debianVersion(packageJson.version)}_${architecture}.deb`)
  const said = await must([
    'apt-get',
    '--simulate',
    ...Object.entries(options).map(([option, value]) => `--option=${option}=${value}`),
    'install',
    ...debs.map((deb) => join(dist, deb))
  ])
  return [...said.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name)
}

for (const architecture of ['amd64', 'arm64']) {
  t.test(`apt finds in Ubuntu 24.04 all that the packages depend on, for ${architecture}`, async (t) => {
    t.same((await simulate(t, noble, architecture)).sort(), names)
    for (const name of Object.keys(noble)) {
      const { [name]: _, ...others } = noble
      await t.rejects(simulate(t, others, architecture), { message: /unmet dependencies/ }, `not without ${name}`)
    }
  })
}
