import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** cloud-init and what its `schema` command imports. */
const packages = [
  'cloud-init',
  ...[
    'attr',
    'certifi',
    'chardet',
    'configobj',
    'idna',
    'jinja2',
    'json-pointer',
    'jsonpatch',
    'jsonschema',
    'markupsafe'
  ],
  ...['netifaces', 'pyrsistent', 'requests', 'six', 'urllib3', 'yaml']
].map((name, index) => (index === 0 ? name : `python3-${name}`))

/**
 * `cloud-init schema` of this Debian: packages that are unpacked and not installed, because an installed cloud-init would
 * configure this host at its next boot. Gives a function that says what is wrong with user-data, which is nothing where all
 * is well; undefined where packages cannot be had, except in CI, where that throws.
 */
export const cloudInitSchema = (t: Test): ((userData: string) => string) | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-cloud-init-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const download = spawnSync('apt-get', ['download', ...packages], { cwd: folder, encoding: 'utf8' })
  if (download.status !== 0) {
    if (process.env.CI === 'true') throw new Error(`apt-get download: ${download.stderr ?? download.error}`)
    return undefined
  }
  const root = join(folder, 'root')
  mkdirSync(root)
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    const { status, stderr } = spawnSync('dpkg-deb', ['--extract', join(folder, name), root], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
  }
  return (userData) => {
    const file = join(folder, 'user-data')
    writeFileSync(file, userData)
    const { status, stdout, stderr } = spawnSync(
      '/usr/bin/python3',
      ['-m', 'cloudinit.cmd.main', 'schema', '--config-file', file],
      { encoding: 'utf8', env: { ...process.env, PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') } }
    )
    return status === 0 ? '' : `exit status ${status}: ${stdout}${stderr}`
  }
}
