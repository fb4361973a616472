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

/** The command for each file, one after the other: to start Python and to load cloud-init takes a second. */
const schemaOfEach = `
import contextlib, io, json, sys
from cloudinit.cmd.main import main
found = []
for file in sys.argv[1:]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            status = main(['cloud-init', 'schema', '--config-file', file])
        except SystemExit as end:
            status = end.code
    found.append(f'exit status {status}: {said.getvalue()}' if status else '')
print(json.dumps(found))
`

/**
 * `cloud-init schema` of this Debian: packages that are unpacked and not installed, because an installed cloud-init would
 * configure this host at its next boot. Gives a function that says what is wrong with each user-data, which is nothing if
 * all is well; undefined if packages cannot be had.
 */
export const cloudInitSchema = (t: Test): ((all: readonly string[]) => string[]) | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-cloud-init-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const download = spawnSync('apt-get', ['download', ...packages], { cwd: folder, encoding: 'utf8' })
  if (download.status !== 0) {
    t.comment(`apt-get download: ${download.stderr ?? download.error}`)
    return undefined
  }
  const root = join(folder, 'root')
  mkdirSync(root)
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    const { status, stderr } = spawnSync('dpkg-deb', ['--extract', join(folder, name), root], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
  }
  return (all) => {
    const files = all.map((userData, index) => {
      const file = join(folder, `user-data-${index}`)
      writeFileSync(file, userData)
      return file
    })
    const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', schemaOfEach, ...files], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') }
    })
    if (status !== 0) throw new Error(`exit status ${status}: ${stdout}${stderr}`)
    return JSON.parse(stdout) as string[]
  }
}
